"""The words that stand above a list of chapters, and above other things, in the languages of podcasts."""

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["timed", "topical", "foreign", "spoken", "section", ""]


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for line in text.strip().splitlines() for phrase in line.split(",")) - {
        ""
    }


# Says by itself that times follow.
_TIMED = _phrases("""
timestamps, timestamp, time stamps, timecodes, timecode, time codes, timemarks, time marks, timeline, timings
chapters, chapter markers, chapter marks, chapter list, key moments, jump to, skip to, episode guide
kapitel, kapitelmarken, kapitelübersicht, kapitelliste, sprungmarken, zeitmarken, zeitstempel, zeitleiste
chapitres, chapitrage, minutage, horodatage, repères, repères temporels
capítulos, capitulos, marcas de tiempo, marcadores, minutaje, minutado, cronología, línea de tiempo
minutagem, marcações de tempo, marcadores de tempo, linha do tempo
таймкоды, таймкод, тайм коды, тайминг, тайминги, таймлайн, таймстемпы, главы, хронометраж, метки времени
时间轴, 时间线, 时间戳, 时间点, 时间节点, 时间码, 时间标记, 章节, 进度条, 時間軸, 時間線, 時間戳, 時間碼, 章節
タイムスタンプ, チャプター, 타임스탬프, hoofdstukken, tijdlijn, kapittel, tidsstämplar, capitoli, minutaggio
الفصول, فهرس, פרקים
""")
# Stands above a list of chapters, and as often above another.
_TOPICAL = _phrases("""
outline, episode outline, show notes, shownotes, episode notes, notes, topics, topics covered
topics discussed, discussion topics, discussion points, contents, table of contents, agenda, rundown
overview, highlights, episode highlights, index, segments, sections, summary, questions, topics include
in this episode, in today's episode, on this episode, on today's show, covered in this episode
in this episode we cover, in this episode we discuss, in this episode we talk about, we discuss
what we talk about, what we talked about, what we discuss, what we cover, we talk about, episode breakdown
inhalt, inhalte, inhaltsverzeichnis, themen, die themen, unsere themen, ablauf, übersicht, gliederung
in dieser folge, in dieser episode, in dieser ausgabe, in dieser sendung, themen der folge, fragen
themen dieser folge, darum geht's, zeitangaben
sommaire, au sommaire, au programme, programme, plan, contenu, dans cet épisode, notes de l'épisode, sujets
índice, contenido, contenidos, temas, sumario, en este episodio, en este programa, notas del episodio, guion
conteúdo, pauta, assuntos, tópicos, neste episódio, nesse episódio, roteiro, destaques, sumário, tempos
содержание, содержание выпуска, темы, темы выпуска, темы подкаста, оглавление, план, план выпуска, вопросы
о чём, о чем, о чём говорим, о чем говорим, в выпуске, в этом выпуске, в эпизоде, в этом эпизоде, шоуноты
обсуждаем
目录, 目錄, 本期内容, 本期內容, 内容提要, 內容提要, 本期话题, 本期話題, 话题, 内容, 提纲, 大纲, 大綱, 节目内容
节目大纲, 收听指南, 精彩内容, 内容大纲, 本期看点, 主要内容, 本期要点, 節目內容, 本期节目, 目次
inhoud, onderwerpen, innehåll, indice
""")
# Stands above times that are not chapters.
_FOREIGN = _phrases("""
music, music credits, music used, music in this episode, songs, songs played, tracks, playlist, setlist
set list, quotes, notable quotes, favorite quotes, favourite quotes, best quotes, key quotes, pull quotes
memorable quotes, clips, audio clips, soundbites, schedule, tour dates, events, upcoming events
opening hours, showtimes, scores, results, related episodes, other episodes
musik, lieder, musikliste, zitate, termine, veranstaltungen, ergebnisse, öffnungszeiten
sendezeiten
musique, musiques, citations, horaires, résultats
música, canciones, citas, horarios, resultados
músicas, citações, trilha sonora, frases
музыка, цитаты, расписание, результаты, треки, плейлист
音乐, 音樂, 本期音乐, 歌单, 歌單, 背景音乐, bgm, 金句, 引用, 曲目, 曲目单
""")
# Stands above all that was said.
_SPOKEN = _phrases("""
transcript, full transcript, episode transcript, transkript, transcription, transcripción, transcrição
стенограмма, расшифровка, 文字稿, 逐字稿
""")
# Opens what stands beside a list of chapters.
_SECTIONS = _phrases("""
links, show links, episode links, relevant links, useful links, links mentioned, resources, references
mentioned, mentions, further reading, sponsors, sponsor, our sponsors, sponsored by, brought to you by
this episode is brought to you by, follow, follow us, follow me, follow the show, subscribe, support
support us, support the show, connect, connect with us, contact, contact us, get in touch, join us, find us
social, socials, social media, website, homepage, email, newsletter, twitter, instagram, youtube, discord
mastodon, patreon, credits, hosts, host, hosted by, guests, guest, panel, produced by, music by, thanks
thanks to, special thanks, thank you to, thanks for listening, thanks for watching, thank you for listening
learn more, more info, feedback, community, picks, listen, books, tools, disclaimer
quellen, kontakt, werbung, unterstütze uns, folge uns, abonniere, gäste, gast, moderation, mitwirkende
impressum, empfehlungen, danke fürs zuhören
liens, ressources, contacts, soutenez nous, abonnez vous, merci pour votre écoute
enlaces, recursos, contacto, síguenos, patrocinadores, apóyanos, redes sociales, gracias por escuchar
contato, siga nos, siga nas redes, apoie, participantes, patrocínio, edição, redes sociais, links citados
ссылки, полезные ссылки, ведущие, гости, гость, поддержать, поддержите нас, подписывайтесь, контакты
участники, чат, лог чата, аудио, спасибо за внимание
链接, 相关链接, 参考资料, 参考, 嘉宾, 本期嘉宾, 主播, 本期主播, 主持人, 联系我们, 关于我们, 收听方式, 制作团队
延伸阅读, 相关资料, 后期, 剪辑, 加入我们, 欢迎关注, 商务合作, 互动方式, 关注我们, 感谢收听
""")
# Opens another part even where nothing else says so.
_PARTS = _phrases("""
links, resources, references, sponsors, hosts, credits, show notes, shownotes, transcript
quellen, moderation, impressum, liens, ressources, enlaces, recursos, contato, ссылки, ведущие, гости
""")
# Stands above the columns of a table of times.
_COLUMNS = _phrases("""
time, timestamp, start, end, topic, topics, title, chapter, segment, description, link, speaker, no, nr
zeit, thema, titel, kapitel, dauer, temps, sujet, titre, tiempo, tema, título, tempo, assunto
время, тема, 时间, 内容, 主题
""")
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_SECTIONS, "section"),
    **dict.fromkeys(_TOPICAL, "topical"),
    **dict.fromkeys(_FOREIGN, "foreign"),
    **dict.fromkeys(_SPOKEN, "spoken"),
    **dict.fromkeys(_TIMED, "timed"),
}
_RANKS: tuple[Kind, ...] = ("timed", "spoken", "foreign", "topical", "section")
"""Which kind a heading of several phrases has."""
_LONGEST_HEADING = 120
_MOST_WORDS = 6

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_CONNECTORS = re.compile(r"\s*(?:[&+/,|:]|\s(?:and|with|und|mit|et|y|e|и|с|en|og|och)\s)\s*")
_WORD_BEFORE = re.compile(r"(?:^|[\W_])([^\W\d_])\w*[ ]$")
_COUNTED = re.compile(r"\d+(?![.)\d])")
"""As in "Chapter 3"."""
_COLONS = (":", "：")


def _pattern(phrases: frozenset[str]) -> re.Pattern[str]:
    """Match any of the phrases as whole words; scripts without spaces know no whole words."""
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    spaced = [re.escape(phrase).replace(r"\ ", r"[\s-]") for phrase in longest_first if _has_spaces(phrase)]
    unspaced = [re.escape(phrase) for phrase in longest_first if not _has_spaces(phrase)]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(spaced)})(?!\w)|(?:{'|'.join(unspaced)})", re.IGNORECASE)


def _has_spaces(phrase: str) -> bool:
    """Tell whether the script of a phrase parts words by spaces; Chinese and Japanese do not."""
    return phrase < "\u3000"


_ANY_TIMED = _pattern(_TIMED)
_HEADINGS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_ANY_TIMED, "timed"),
    (_pattern(_TOPICAL), "topical"),
    (_pattern(_FOREIGN), "foreign"),
    (_pattern(_SPOKEN), "spoken"),
)
_OPENINGS = (_ANY_TIMED, _pattern(_SECTIONS | _FOREIGN | _SPOKEN))
_JOINED = re.compile(
    r"(?:[&+/,-]|\b(?:and|or|of|the|our|your|for|with|in|on|to|und|oder|et|y|e|и|de|die|der))[ ]?$",
    re.IGNORECASE,
)
"""What joins the next word to the ones before it."""


def kind(line: str) -> Kind:
    """Tell what a line of its own announces; empty for a line that is not a heading.

    >>> kind("⏰ TIMESTAMPS:"), kind("Links & Kapitel"), kind("Notable quotes"), kind("We met in June")
    ('timed', 'timed', 'foreign', '')
    """
    if len(line) > _LONGEST_HEADING:
        return ""
    if found := announces(line):
        return found
    words = _words(line)
    return "timed" if len(words.split()) <= _MOST_WORDS and _ANY_TIMED.search(words) else ""


def has_word(text: str) -> bool:
    """Tell whether there are letters or digits in a text, and not signs alone."""
    return any(map(str.isalnum, text))


def announces(phrase: str) -> Kind:
    """Tell what a phrase announces that is a heading and nothing else."""
    words = _words(phrase)
    kinds = [_KINDS.get(_EDGES.sub("", part)) for part in (words, *_CONNECTORS.split(words)) if part]
    if not kinds or kinds[0]:
        return (kinds and kinds[0]) or ""
    if len(kinds) > 1 and all(kinds[1:]):
        return min((found for found in kinds[1:] if found), key=_RANKS.index)
    return "timed" if len(words.split()) > 1 and _COLUMNS.issuperset(words.split()) else ""


def _words(line: str) -> str:
    return _EDGES.sub("", _ASIDE.sub(" ", line)).casefold().replace("-", " ").replace("’", "'")


def headings(prose: str, start: int, end: int) -> Iterator[tuple[int, int, Kind]]:
    """Find what reads like the heading of a list in running text: from where to where, and its kind."""
    for pattern, found_kind in _HEADINGS:
        for match in pattern.finditer(prose, start, end):
            behind = prose[match.end() : min(end, match.end() + 20)].lstrip()
            if _heads(prose, match, found_kind, behind):
                yield match.start(), match.end(), found_kind


def _heads(prose: str, match: re.Match[str], found_kind: Kind, behind: str) -> bool:
    if _COUNTED.match(behind) or (behind[:1].islower() and found_kind != "timed"):
        return False
    if not any(map(str.isalnum, behind)):
        return True
    return _stands_out(prose, match) and (found_kind in ("timed", "topical") or behind.startswith(_COLONS))


def section(prose: str, start: int, end: int) -> int | None:
    """Find where another part of the notes is announced within running text."""
    found = [match for pattern in _OPENINGS for match in pattern.finditer(prose, start, end)]
    return min((match.start() for match in found if _opens(prose, match)), default=None)


def _opens(prose: str, match: re.Match[str]) -> bool:
    """Tell whether a phrase opens a part of its own: a colon behind, addresses to come, or several words."""
    if not _has_spaces(match[0]):
        return True
    before, behind = prose[match.start() - 1 : match.start()], prose[match.end() : match.end() + 100]
    if before not in ("", " ", "(") or behind[:1] not in ("", " ", *_COLONS):
        return False
    if match[0][0].islower() or not _stands_out(prose, match):
        return False
    if match[0].casefold() in _PARTS:
        return _JOINED.search(prose, max(0, match.start() - 10), match.start()) is None
    says_more = match.re is _ANY_TIMED or " " in match[0] or behind.startswith(_COLONS)
    return says_more or "http" in behind or "www." in behind


def _stands_out(prose: str, match: re.Match[str]) -> bool:
    """Tell a heading from a word of a sentence by its capital, its colon, or a script without capitals."""
    before = _WORD_BEFORE.search(prose, max(0, match.start() - 30), match.start())
    capitals = (match[0][0], before[1] if before else "a")
    return prose.startswith(_COLONS, match.end()) or any(not letter.islower() for letter in capitals)


def bare(line: str) -> str:
    """Take the decoration off a heading.

    >>> bare("== Timestamps: ==")
    'Timestamps'
    """
    return _EDGES.sub("", line)
