"""Apple's categories of podcasts (requirements D.3), and names that it once had."""

from collections.abc import Mapping

_LISTED = """
Arts: Books, Design, Fashion & Beauty, Food, Performing Arts, Visual Arts
Business: Careers, Entrepreneurship, Investing, Management, Marketing, Non-Profit
Comedy: Comedy Interviews, Improv, Stand-Up
Education: Courses, How To, Language Learning, Self-Improvement
Fiction: Comedy Fiction, Drama, Science Fiction
Government:
Health & Fitness: Alternative Health, Fitness, Medicine, Mental Health, Nutrition, Sexuality
History:
Kids & Family: Education for Kids, Parenting, Pets & Animals, Stories for Kids
Leisure: Animation & Manga, Automotive, Aviation, Crafts, Games, Hobbies, Home & Garden, Video Games
Music: Music Commentary, Music History, Music Interviews
News: Business News, Daily News, Entertainment News, News Commentary, Politics, Sports News, Tech News
Religion & Spirituality: Buddhism, Christianity, Hinduism, Islam, Judaism, Religion, Spirituality
Science: Astronomy, Chemistry, Earth Sciences, Life Sciences, Mathematics, Natural Sciences, \
Nature, Physics, Social Sciences
Society & Culture: Documentary, Personal Journals, Philosophy, Places & Travel, Relationships
Sports: Baseball, Basketball, Cricket, Fantasy Sports, Football, Golf, Hockey, \
Rugby, Running, Soccer, Swimming, Tennis, Volleyball, Wilderness, Wrestling
Technology:
True Crime:
TV & Film: After Shows, Film History, Film Interviews, Film Reviews, TV Reviews
"""

_OLD = """
Literature, Arts & Entertainment, Architecture, Entertainment, Photography, Poetry, Audio Blogs, Finance,
Shopping, Management & Marketing, Business News, Education Technology, Higher Education, K-12, Language
Courses, Training, Family, Food, Games & Hobbies, Other Games, Government & Organizations, Local,
National, Regional, Health, Diet & Nutrition, Fitness & Nutrition, Self-Help, International, Australian,
Belgian, Brazilian, Canadian, Chinese, Dutch, French, German, Hebrew, Italian, Japanese, Norwegian,
Polish, Portuguese, Spanish, Swedish, Movies & Television, News & Politics, Public Radio, New Age, Other,
Science & Medicine, Sports & Recreation, Amateur, College & High School, Outdoor, Professional, Talk
Radio, Computers, Developers, Gadgets, Information Technology, Operating Systems, Podcasting, Smart
Phones, Software How-To, Tech News, Text/Speech, Transportation, Bicycles, Commuting, Travel, News,
Politics, Design, Games, Performing Arts, Science Fiction, History, Philosophy, Medicine, Natural
Sciences, Social Sciences
"""


def _read(listed: str) -> dict[str, frozenset[str]]:
    pairs = (line.split(":") for line in listed.strip().splitlines())
    return {
        name: frozenset(inner.strip() for inner in inside.split(",") if inner.strip())
        for name, inside in pairs
    }


CATEGORIES: Mapping[str, frozenset[str]] = _read(_LISTED)
"""Each category and its sub-categories, letter by letter."""

OBSOLETE = frozenset(name.strip() for name in _OLD.replace("\n", " ").split(","))
"""Names of earlier lists, which directories still understand."""
