"""The alphabets that makers draw from, as character classes."""

ALNUM = "[A-Za-z0-9]"
BASE64 = "[A-Za-z0-9+/]"
HEX = "[A-Fa-f0-9]"
LOWER = "[a-z0-9]"
UPPER = "[A-Z0-9]"
URL = "[A-Za-z0-9_-]"
UUID = f"{HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}}"
