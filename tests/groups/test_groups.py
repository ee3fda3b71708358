from feeds.groups import paths, readable, shared_slugs
from feeds.model import Article, Episode, Place


def article(*tags: str, line: int = 1) -> Article:
    return Article(title="A", tags=tags, publisher="Meta", place=Place(source="a.txt", line=line))


def test_an_article_is_in_everything_its_topics_and_its_publisher() -> None:
    assert list(paths(article("search", "C++"))) == [
        "all",
        "topics/search",
        "topics/c-cedb1b",
        "publishers/meta",
    ]


def test_an_episode_is_in_everything_its_topics_and_its_show() -> None:
    episode = Episode(show="kites", title="A", tags=("wind",))
    assert list(paths(episode)) == ["all", "topics/wind", "shows/kites"]


def test_no_tag_leads_out_of_its_folder() -> None:
    for path in paths(article("../x", "..", "/etc/passwd", "a/../../b", "日本語", "y" * 300)):
        assert ".." not in path
        assert path.count("/") <= 1


def test_tags_that_people_would_tell_apart_but_share_a_topic_are_reported_with_their_place() -> None:
    items = [article("machine-learning"), article("machine_learning", line=9), article("machine_learning")]
    assert [str(finding) for finding in shared_slugs(items)] == [
        "a.txt:9: warning: the tags 'machine-learning' and 'machine_learning' share the topic "
        "'machine-learning'; write them alike, or apart [shared-slug]"
    ]


def test_the_same_tag_in_other_letters_is_no_problem() -> None:
    assert list(shared_slugs([article("search", "Search"), article("SEARCH")])) == []


def test_a_topic_has_a_title_that_people_can_read() -> None:
    assert [readable(tag) for tag in ("ml-systems", "search", "日本語", "C++", "Big Data")] == [
        "ML Systems",
        "Search",
        "日本語",
        "C++",
        "Big Data",
    ]
