"""Names of categories that Apple once had (requirements D.3); those it has are in `feeds.vocabulary`."""

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

OBSOLETE = frozenset(name.strip() for name in _OLD.replace("\n", " ").split(","))
"""Names of earlier lists, which directories still understand."""
