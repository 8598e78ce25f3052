"""A text whose quotation marks matter: on a ferry the same things are told in the past and said in the present.

Nothing but the quotation mark decides how a sentence goes on after a full stop: with “I”, with somebody else, or
with the end of the speech. Most sentences are short, so that this is asked often, and a speech has up to three, so
that the answer has to be kept over sixty letters and more. On the bundled stories a network of this size learns no
such thing: they have 160 quotations, in which people speak much as they do outside of them.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache

ENGLISH_CHARACTERS = 80_000
CHINESE_CHARACTERS = 40_000
"""About as many sentences as the English one has."""


@dataclass(frozen=True)
class _Deed:
    """What somebody does: as it is said, as it is told, and what can be done it to."""

    said: str
    told: str
    things: tuple[str, ...]


_PEOPLE = (
    *("baker", "clockmaker", "ferryman", "fiddler", "gardener", "lamplighter"),
    *("midwife", "miller", "painter", "schoolmaster", "tinker", "widow"),
)
_DEEDS = (
    _Deed("carry", "carried", ("basket", "fiddle", "ladder", "lantern", "umbrella")),
    _Deed("count", "counted", ("apples", "gulls", "sheep", "spoons", "stars")),
    _Deed("hide", "hid", ("key", "lantern", "letter", "map", "purse")),
    _Deed("keep", "kept", ("key", "letter", "map", "promise", "secret")),
    _Deed("lend", "lent", ("basket", "boat", "ladder", "umbrella")),
    _Deed("mend", "mended", ("boat", "clock", "fiddle", "kettle", "umbrella")),
    _Deed("paint", "painted", ("boat", "door", "gate", "ladder", "stars")),
    _Deed("polish", "polished", ("bell", "clock", "kettle", "lantern", "spoons")),
    _Deed("remember", "remembered", ("harbour", "letter", "promise", "song")),
    _Deed("watch", "watched", ("clock", "gulls", "harbour", "sheep", "stars")),
)
_ADJECTIVES = ("blue", "borrowed", "crooked", "little", "old", "quiet", "yellow")
_PLACES = (
    *("behind the mill", "beside the stove", "beyond the weir", "in the orchard"),
    *("near the lighthouse", "on the landing", "under the bridge", "under the stairs"),
)
_MEANWHILE = (
    ("while the kettle sings", "while the kettle sang"),
    ("while the tide turns", "while the tide turned"),
    ("when the moon rises", "when the moon rose"),
    ("when the bell rings", "when the bell rang"),
    ("until the rain stops", "until the rain stopped"),
    ("until the lamp burns low", "until the lamp burned low"),
)
"""Said and told."""
_SPOKE = ("answered", "called", "said", "sighed", "whispered")

_PEOPLE_ZH = (
    "面包师",
    "钟表匠",
    "船夫",
    "琴师",
    "园丁",
    "点灯人",
    "磨坊主",
    "画匠",
    "先生",
    "补锅匠",
    "老奶奶",
)
_DEEDS_ZH = (
    _Deed("提着", "提起了", ("篮子", "灯笼", "雨伞", "水壶")),
    _Deed("数着", "数完了", ("苹果", "海鸥", "勺子", "星星")),
    _Deed("藏着", "藏起了", ("钥匙", "灯笼", "信", "地图")),
    _Deed("留着", "留下了", ("钥匙", "信", "地图", "秘密")),
    _Deed("修着", "修好了", ("小船", "钟", "胡琴", "水壶", "雨伞")),
    _Deed("画着", "画完了", ("小船", "院门", "海鸥", "星星")),
    _Deed("擦着", "擦亮了", ("铜铃", "钟", "水壶", "灯笼", "勺子")),
    _Deed("记着", "记起了", ("港口", "信", "秘密", "歌")),
    _Deed("望着", "望见了", ("港口", "海鸥", "星星", "小船")),
)
_ADJECTIVES_ZH = ("蓝色的", "借来的", "小小的", "旧旧的", "安静的", "黄色的")
_PLACES_ZH = ("在磨坊后面", "在炉子旁边", "在果园里", "在灯塔下", "在码头上", "在桥下", "在楼梯底下")
_MEANWHILE_ZH = (
    ("水壶正在响", "水壶响了起来"),
    ("潮水正在涨", "潮水涨了上来"),
    ("月亮正在升", "月亮升了起来"),
    ("雨还没有停", "雨停了下来"),
    ("灯还亮着", "灯暗了下来"),
)
_SPOKE_ZH = ("答道", "喊道", "说", "叹道", "悄悄说")


class _Teller(ABC):
    """Draws paragraphs. A sentence is `told`, or else it is said by somebody."""

    between = " "
    """What stands between two sentences."""

    def __init__(self, rng: random.Random) -> None:
        self._pick = rng.choice
        self._chance = rng.random

    def paragraph(self) -> str:
        """Somebody speaks, and something happens before or after it."""
        speech, tale = self._sentences(told=False), self._sentences(told=True)
        kind = self._chance()
        if kind < 0.4:
            return self._spoken_first(speech) + self.between + tale
        if kind < 0.7:
            return tale + self.between + self._spoken_last(speech)
        return self.between.join((tale, self._quoted(speech), self._sentences(told=True)))

    def _sentences(self, *, told: bool) -> str:
        return self.between.join(self._sentence(told=told) for _ in range(self._pick((1, 2, 3))))

    def _sentence(self, *, told: bool) -> str:
        """A third has a second deed or a place, a fifth what happens meanwhile, and half are as short as can be."""
        kind = self._chance()
        deeds = [self._deed(told=told) for _ in range(2 if kind < 0.2 else 1)]
        place = 0.2 < kind < 0.5
        return self._joined(deeds, place=place, meanwhile=0.4 < kind < 0.6, told=told)

    @abstractmethod
    def _spoken_first(self, speech: str) -> str:
        """A speech and who gave it."""

    @abstractmethod
    def _spoken_last(self, speech: str) -> str:
        """Who gives a speech, and the speech."""

    @abstractmethod
    def _quoted(self, speech: str) -> str:
        """A speech alone."""

    @abstractmethod
    def _deed(self, *, told: bool) -> str:
        """A verb and a thing."""

    @abstractmethod
    def _joined(self, deeds: list[str], *, place: bool, meanwhile: bool, told: bool) -> str:
        """A sentence with somebody, deeds, and what else it is to have."""


class _English(_Teller):
    def _spoken_first(self, speech: str) -> str:
        return f'"{speech[:-1]}," {self._pick(_SPOKE)} the {self._pick(_PEOPLE)}.'

    def _spoken_last(self, speech: str) -> str:
        return f'The {self._pick(_PEOPLE)} {self._pick(_SPOKE)}, "{speech}"'

    def _quoted(self, speech: str) -> str:
        return f'"{speech}"'

    def _deed(self, *, told: bool) -> str:
        deed = self._pick(_DEEDS)
        whose = "the" if told or self._chance() < 0.5 else "my"
        adjective = f"{self._pick(_ADJECTIVES)} " if self._chance() < 0.3 else ""
        return f"{deed.told if told else deed.said} {whose} {adjective}{self._pick(deed.things)}"

    def _joined(self, deeds: list[str], *, place: bool, meanwhile: bool, told: bool) -> str:
        words = [f"The {self._pick(_PEOPLE)}" if told else "I", " and ".join(deeds)]
        if place:
            words.append(self._pick(_PLACES))
        if meanwhile:
            words.append(self._pick(_MEANWHILE)[told])
        return " ".join(words) + "."


class _Chinese(_Teller):
    between = ""

    def _spoken_first(self, speech: str) -> str:
        return f"{self._quoted(speech)}{self._pick(_PEOPLE_ZH)}{self._pick(_SPOKE_ZH)}。"

    def _spoken_last(self, speech: str) -> str:
        return f"{self._pick(_PEOPLE_ZH)}{self._pick(_SPOKE_ZH)}：{self._quoted(speech)}"

    def _quoted(self, speech: str) -> str:
        return f"“{speech}”"

    def _deed(self, *, told: bool) -> str:
        deed = self._pick(_DEEDS_ZH)
        adjective = self._pick(_ADJECTIVES_ZH) if self._chance() < 0.3 else ""
        whose = "" if told or self._chance() < 0.5 else "我的" if not adjective else "我那"
        return f"{deed.told if told else deed.said}{whose}{adjective}{self._pick(deed.things)}"

    def _joined(self, deeds: list[str], *, place: bool, meanwhile: bool, told: bool) -> str:
        who = self._pick(_PEOPLE_ZH) if told else "我"
        where = self._pick(_PLACES_ZH) if place else ""
        then = f"，{self._pick(_MEANWHILE_ZH)[told]}" if meanwhile else ""
        return f"{who}{where}{'，又'.join(deeds)}{then}。"


def english_ferry(characters: int = ENGLISH_CHARACTERS, seed: int = 0) -> str:
    """The English one, at most so long; the last paragraph is whole.

    >>> english_ferry(200)[:54]
    'The widow watched the stars. "I paint the ladder. I le'
    """
    return _tell(_English, characters, seed)


def chinese_ferry(characters: int = CHINESE_CHARACTERS, seed: int = 0) -> str:
    """The Chinese one, with quotation marks that open and close."""
    return _tell(_Chinese, characters, seed)


@cache
def _tell(teller: type[_Teller], characters: int, seed: int) -> str:
    telling = teller(random.Random(seed))  # noqa: S311
    paragraphs: list[str] = []
    length = 0
    while True:
        paragraph = telling.paragraph()
        length += len(paragraph) + 2
        if length > characters:
            return "\n\n".join(paragraphs) + "\n" if paragraphs else ""
        paragraphs.append(paragraph)
