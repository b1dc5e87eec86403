"""The encoding of a game's text: SGF names one (CA) or none, and files in the wild name the wrong one.

`as_utf8` tries encodings in turn. The best one leaves the fewest faults in the record (broken syntax, moves that do not
alternate) and reads as the most likely text. Knows nothing of the board.
"""

import codecs
import re
from functools import lru_cache

from games.go import sgf_tree
from games.go.sgf_error import SgfError

_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "",
}
"""What files that name a narrow character set really hold: the Windows superset."""

_GUESSES = ("utf-8", "gb18030", "big5hkscs", "cp932", "cp949", "euc_jp", "cp1252", "cp1251")
"""What is tried where the named encoding does not fit; of equal ones the first."""

_ASCII_BASED = re.compile(r"utf-8|ascii|latin|iso8859|cp\d|gb|big5|euc|shift|koi8|mac|johab")
_DECLARED = re.compile(rb"CA\s*\[\s*([\w.:-]{1,40})\s*\]")
_ESCAPED = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP
_AMBIGUOUS = re.compile(rb"[\x81-\xfe][\[\]\\]")  # the second byte of a character, or SGF's own mark
_LONG = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")  # in UTF-8, a character that no Western language has
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_BAD = re.compile("[\udc80-\udcff]")

HEAD = 1 << 15
"""Characters of a game that are parsed to find out."""

SAMPLE = 4000
"""Characters beyond ASCII by which an encoding is judged."""


def as_utf8(game: bytes, usual: str = "") -> tuple[bytes, str]:
    """Return the text of a game as UTF-8, and its encoding; `usual` is that of the games before it in the file.

    A byte that is no character becomes the one that Windows-1252 has there, so nothing is lost.
    """
    if game.isascii():
        return (game, usual) if not _ESCAPED.search(game) else _decoded(game, "iso2022_jp", usual)
    declared = declared_encoding(game)
    if _is_utf8(game) and (declared in ("", "utf-8", "cp1252") or _LONG.search(game)):
        return game, "utf-8"
    encoding = _best(game, declared, usual)
    return _decoded(game, encoding, encoding)


def declared_encoding(game: bytes) -> str:
    """Return the codec that CA names, or its superset; "" where there is none that keeps SGF's marks."""
    match = _DECLARED.search(game)
    return _codec(match[1].decode("ascii", "replace")) if match else ""


@lru_cache
def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
        usable = _ASCII_BASED.match(codec) and "(;[\\])".encode(codec) == b"(;[\\])"
    except (LookupError, ValueError):
        return ""
    return _SUPERSETS.get(codec, codec) if usable else ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(game: bytes, encoding: str, known: str) -> tuple[bytes, str]:
    text = _text(game, encoding)
    if text is None:
        text = game.decode("latin-1")
    return _BAD.sub(_as_western, text).encode("utf-8", "replace"), known


def _as_western(match: re.Match) -> str:
    byte = bytes([ord(match[0]) & 0xFF])
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError:
        return byte.decode("latin-1")


def _text(game: bytes, encoding: str) -> str | None:
    """Decode a game; bytes that are no characters become lone surrogates."""
    try:
        return game.decode(encoding, "surrogateescape")
    except UnicodeDecodeError:
        return None


# --- which encoding? --------------------------------------------------------------------------------------


def _best(game: bytes, declared: str, usual: str) -> str:
    guesses = dict.fromkeys([declared, usual, *_GUESSES])
    texts = {name: text for name in guesses if name and (text := _text(game, name)) is not None}
    faults = dict.fromkeys(texts, 0)
    if _AMBIGUOUS.search(game):
        faults = {name: _faults(text) for name, text in texts.items()}
    fewest = min(faults.values())
    costs = {}
    for name, text in texts.items():
        share = 0.3 if name == declared and name != "cp1252" else 0.8 if name in (usual, declared) else 1.0
        costs[name] = faults[name] - fewest, share * _cost(text, name)
    return min(costs, key=costs.__getitem__)


def _faults(text: str) -> int:
    """Count what is wrong with a record: syntax, and moves that do not alternate. One without a node is all wrong."""
    try:
        nodes, remarks = sgf_tree.main_line(text[:HEAD].encode("utf-8", "replace"))
    except SgfError:
        return HEAD
    movers = ["B" in node for node in nodes if "B" in node or "W" in node]
    return len(remarks) + sum(one == other for one, other in zip(movers, movers[1:], strict=False))


def _cost(text: str, encoding: str) -> float:
    """Return how unlikely a text is, in about the negative logarithm of its probability."""
    cost, left = 0.0, SAMPLE
    for match in _NOT_ASCII.finditer(text):
        run = match[0][:left]
        cost += sum(_unlikely(character, encoding, min(len(run), 3)) for character in run)
        left -= len(run)
        if left <= 0:
            break
    return cost


# fmt: off
_CHINESE = set(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段常柯古时張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭許呂蘇盧賈葉"
    "大小明文国伟华平军志强建永洪立海昌晓晨东天宇豪俊杰涛波斌鹏飞宁静芳敏國偉華軍強東傑濤寧鐘陸顧龍萬"
    "围棋黑白中盘胜目子半赛杯第届年月日先让局九八七六五四三二一十业余名人战初手贴又和分之无负超时认输快网络比对弈级"
    "圍盤勝賽屆讓業戰貼無負時認輸網絡對級职業職世界冠军冠軍元本因坊甲联聯好很不是的了这在有我他"
)
_JAPANESE = set(
    "本因坊名人棋聖十段王座天元碁勝先黒白番目半中押互定置石局戦手打山田中村井上木小林高加藤佐伊渡辺吉野川口松橋清水"
    "森池岡崎前長原坂大竹武宮治勲裕太郎一二三四五六七八九子美雄夫男正光秀和幸義明英俊時間分秒持込出日年月第期院初表"
    "結城聡張栩依田紀基趙山下敬吾羽根直樹今俊也花之各"
)
_KOREAN = set(
    "김이박최정강조윤장임한오서신권황안송류전홍유고문양손배백허남심노하곽성차주우구민진지엄원천방공현함변염여추도소석선설"
    "마길연위표명기반왕금옥육인맹제모탁국어은편용흑승불계집단회대창호훈영세돌동준환철수아가나다라의에을를는과로사시자"
)
# fmt: on

_COMMON = {
    "gb18030": _CHINESE,
    "big5hkscs": _CHINESE,
    "cp932": _JAPANESE,
    "euc_jp": _JAPANESE,
    "cp949": _KOREAN,
    "utf-8": _CHINESE | _JAPANESE | _KOREAN,
}
_FREQUENT = {
    "gb18030": ("gb2312", 0xD7),
    "big5hkscs": ("big5", 0xC6),
    "cp932": ("cp932", 0x97),
    "euc_jp": ("euc_jp", 0xCF),
}
"""The narrow set of each encoding, and the last first byte of its frequent characters."""


@lru_cache(1 << 15)
def _unlikely(character: str, encoding: str, run: int) -> float:
    """Return the cost of a character in a run of so many (at most 3) beyond ASCII."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return 30  # a byte that is no character
    if 0x80 <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or not character.isprintable():
        return 40
    if character in _COMMON.get(encoding, ()):
        return 4
    if code < 0x0250:
        return (4, 6, 11)[run - 1] if character.isalpha() else 9
    if code < 0x0530:
        return 5 if run == 3 and character.isalpha() else 9
    if 0x3000 <= code < 0x3040 or 0xFF00 <= code < 0xFF5F:
        return 7  # CJK punctuation and wide letters
    if 0x3040 <= code < 0x3100:
        return 5 if encoding in ("cp932", "euc_jp", "utf-8") else 12
    if 0x2010 <= code < 0x2030:
        return 6  # typographic quotes and dashes
    return _unlikely_ideograph(character, encoding)


def _unlikely_ideograph(character: str, encoding: str) -> float:
    code = ord(character)
    if 0xAC00 <= code < 0xD7A4:
        return 7 if encoding == "utf-8" or _encodable(character, "euc_kr") else 14
    if 0xFF61 <= code < 0xFFA0:
        return 9  # half-width kana: one byte each
    if not (0x4E00 <= code < 0xA000 or 0xF900 <= code < 0xFB00):
        return 11
    if encoding not in _FREQUENT:
        return 6 if encoding == "utf-8" else 13
    narrow, last = _FREQUENT[encoding]
    first = _encodable(character, narrow)
    return 16 if not first else 8 if first[0] <= last else 13


def _encodable(character: str, encoding: str) -> bytes:
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return b""
