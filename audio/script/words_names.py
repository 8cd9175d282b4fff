"""Roads by their prefixes, and capitals that are read as a word or as a name."""

from audio.script.tables import words

PREFIXES = {
    "QL": "quốc lộ",
    "Quốc lộ": "quốc lộ",
    "TL": "tỉnh lộ",
    "ĐT": "đường tỉnh",
    "DT": "đường tỉnh",
    "HL": "hương lộ",
    "ĐH": "đường huyện",
    "ĐX": "đường xã",
    "NĐ": "nghị định",
    "NQ": "nghị quyết",
    "QĐ": "quyết định",
    "BĐ": "báo động",
    "TK": "tiểu khu",
    "Tk": "tiểu khu",
}

# Upper-case words that are neither Vietnamese syllables nor to be spelled.
_READ_AS_WORDS = words(
    "zalo|facebook|youtube|tiktok|google|gmail|internet|wifi|online|website|email|viber|"
    "telegram|messenger|momo|viettel|"
    "vinaphone|mobifone|agribank|vietcombank|vietinbank|techcombank|sacombank|unicef|"
    "unesco|asean|apec|fifa|nato|covid|"
    "iphone|samsung|logo|video|camera|app|web|radio|tivi|robot|smartphone|sim|fax|clip|"
    "livestream|fanpage|hotline|taxi|game"
)
WORDS = {word.upper(): word for word in _READ_AS_WORDS} | {
    "BIDV": "bê i đê vê",
    "SARS": "sa",
    "GAS": "ga",
    "RON": "ron",
    "FAO": "phao",
    "OPEC": "ô péc",
    "UNFPA": "quỹ dân số liên hợp quốc",
}
