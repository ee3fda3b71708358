"""Whatever a host answers, the asking comes to an end."""

from hypothesis import example, given
from hypothesis import strategies as st

from feeds.http import Answer
from feeds.verify.links import HostSettings, Role, Settings, Target
from feeds.verify.links.gather import gather
from feeds.verify.links.inquiry import Inquiry, Later, Manners, Verdict, advance, question, start

NAMES = st.sampled_from(
    [
        "accept-ranges",
        "cf-mitigated",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "date",
        "location",
        "retry-after",
        "server",
    ]
)
VALUES = st.one_of(
    st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    st.sampled_from(
        [
            "/",
            "//",
            "/login",
            "http://[",
            "bytes",
            "bytes 0-0/*",
            "text/html",
            "-1",
            "9" * 30,
            "Wed, 21 Oct 2015 07:28:00 GMT",
        ]
    ),
)
ANSWERS = st.builds(
    Answer,
    code=st.integers(100, 999),
    headers=st.dictionaries(NAMES, VALUES),
    cookies=st.lists(st.text(max_size=20), max_size=2).map(tuple),
    body=st.binary(max_size=30),
    whole=st.booleans(),
) | st.builds(
    Answer,
    fault=st.sampled_from(["timeout", "reset", "refused", "name", "malformed", "insecure"]),
    detail=st.just("what went wrong"),
)


@given(
    ANSWERS,
    st.sampled_from(["item", "enclosure", "artwork", "chapters", "transcript", "hub"]),
    st.floats(0, 1),
)
@example(Answer(code=301, headers={"location": "A://["}), "item", 0.0)
def test_a_host_that_repeats_any_answer_for_ever_gets_a_verdict(
    answer: Answer, role: Role, jitter: float
) -> None:
    target = Target(url="https://example.org/a/b?c#d", role=role, places=(), size=5, type="text/vtt")
    (link,) = gather([target])
    state: Inquiry | Later | Verdict = start(link, Manners())
    for _ in range(40):
        if isinstance(state, Verdict):
            break
        inquiry = state.inquiry if isinstance(state, Later) else state
        assert question(inquiry, HostSettings()).url.isascii()
        state = advance(inquiry, answer, Settings(), Manners(), jitter)
    assert isinstance(state, Verdict)
    assert state.reason


@given(st.integers(0, 10), st.floats(0, 1))
def test_waits_grow_and_are_jittered(retries: int, jitter: float) -> None:
    (link,) = gather([Target(url="https://example.org/", role="item", places=())])
    state: Inquiry | Later | Verdict = start(link, Manners())
    waits = []
    while not isinstance(state, Verdict):
        if isinstance(state, Later):
            waits.append(state.seconds)
            state = state.inquiry
        state = advance(
            state, Answer(code=500), Settings(retries=retries, wait_budget=1e9), Manners(), jitter
        )
    assert len(waits) == retries
    assert all(4**number * 0.75 <= wait <= 4**number * 1.25 for number, wait in enumerate(waits))
