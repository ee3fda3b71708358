"""Ways to write a list of chapters, as functions of the list: what is rendered here is to be read back."""

from collections.abc import Callable, Mapping, Sequence

from feeds.model import Chapter

Chapters = Sequence[Chapter]
Style = Callable[[Chapters], str]


def clock(seconds: float) -> str:
    """Like `1:03:35`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def padded(seconds: float) -> str:
    """Like `01:03:35`, always with hours."""
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


def thousandths(seconds: float) -> str:
    """Like `01:03:35.000`."""
    return f"{padded(seconds)}.{round(seconds * 1000) % 1000:03}"


def lettered(seconds: float) -> str:
    """Like `1h03m35s`."""
    return f"{int(seconds) // 3600}h{int(seconds) // 60 % 60:02}m{int(seconds) % 60:02}s"


def full_width(seconds: float) -> str:
    """Like `1:03:35`, in the digits of Chinese print."""
    return clock(seconds).translate({code: code + 0xFEE0 for code in map(ord, "0123456789:")})


def line(
    template: str,
    time: Callable[[float], str] = clock,
    *,
    before: str = "Chapters\n",
    between: str = "\n",
    after: str = "",
) -> Style:
    """A style that fills a template for each chapter; `end` is where the next one starts."""

    def render(chapters: Chapters) -> str:
        ends = [*(chapter.start for chapter in chapters[1:]), chapters[-1].start + 60]
        entries = [
            template.format(time=time(chapter.start), title=chapter.title, end=time(end), number=number)
            for number, (chapter, end) in enumerate(zip(chapters, ends, strict=True), 1)
        ]
        return before + between.join(entries) + after

    return render


ONE_A_LINE: Mapping[str, Style] = {
    "time first": line("{time} {title}"),
    "time first, dash": line("{time} - {title}", padded),
    "time first, em dash": line("{time}—{title}"),
    "time first, colon": line("{time}: {title}"),
    "time first, bar": line("{time} | {title}"),
    "time first, round brackets": line("({time}) {title}", padded),
    "time first, square brackets and at sign": line("- [@{time}] - {title}"),
    "time first, thousandths": line("{time} {title}", thousandths),
    "time first, letters": line("{time} {title}", lettered),
    "time first, full width": line("{time} {title}", full_width),
    "time first, count-up": line("T+{time} {title}", padded),
    "time first, range": line("{time} – {end} {title}"),
    "time first, range in brackets": line("({time}-{end}) {title}", padded),
    "time first, bullets": line("* {time} {title}"),
    "time first, numbers": line("{number}. {time} {title}"),
    "time first, emoji": line("🎧 {time} {title}"),
    "time first, bold link": line("* **[{time}](#t={time})** {title}", padded, before="## Chapters\n\n"),
    "time first, linked title": line("- {time} [{title}](https://example.org/{number})"),
    "time first, paragraphs": line("<p>({time}) {title}</p>", before="<h3>Chapters</h3>", between=""),
    "time first, line breaks": line(
        "{time} {title}", before="<p>Chapters<br>", between="<br />", after="</p>"
    ),
    "time first, list": line(
        "<li><b>{time}</b> {title}</li>", before="<p>Chapters</p><ul>", between="", after="</ul>"
    ),
    "time first, table": line(
        "<tr><td>{time}</td><td>{title}</td></tr>", before="<table>\n", between="\n", after="\n</table>"
    ),
    "time first, Markdown table": line("| {time} | {title} |", before="| Time | Topic |\n|---|---|\n"),
    "time above its title": line("{time}\n{title}"),
    "label first": line("{title} {time}"),
    "label first, dash": line("{title} – {time}", padded),
    "label first, brackets": line("{title} ({time})"),
    "label first, italics and full stop": line("- {title} - *{time}*.", padded),
    "label first, linked label": line("- [{title}](https://example.org/{number}) [{time}]"),
    "label first, list": line("<li>{title} <em>{time}</em></li>", before="<ul>", between="", after="</ul>"),
}
RUN_ON: Mapping[str, Style] = {
    "run on, time first": line("{time} {title}", before="Timestamps: ", between=" "),
    "run on, time first, dash": line("{time} - {title}", padded, before="Timestamps: ", between=" "),
    "run on, time first, brackets": line("({time}) {title}", before="Chapters ", between=" "),
    "run on, time first, commas": line("{time} {title}", before="Chapters: ", between=", "),
    "run on, time first, bars": line("{time} {title}", before="Chapters: ", between=" | "),
    "run on, time first, bullets": line("- {time} {title}", before="Chapters ", between=" "),
    "run on, time first, range": line("{time} – {end} {title}", before="Chapters ", between=" "),
    "run on, label first": line("{title} {time}", before="Timestamps ", between=" "),
    "run on, label first, dash": line("{title} - {time}", padded, before="Timestamps ", between=" "),
    "run on, label first, brackets": line("{title} ({time})", before="Chapters: ", between=" "),
    "run on, label first, semicolons": line("{title} {time}", before="Chapters: ", between="; "),
}
