"""Names that come from players' devices, shown as text wherever Streamlit reads Markdown."""

import re

_SPECIAL = re.compile(
    r"[\\`*_{}\[\]<>#|:$~&@]"  # marks, links, HTML, tables, icons, formulas, entities, addresses
    r"|(?<=www)\."  # the other thing that becomes a link by itself
    r"|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d\d\d)[.)]|(?<=^\d{4})[.)]",  # lists and headings
    re.IGNORECASE,
)


def literal(text: object) -> str:
    r"""`text` as Markdown that shows exactly it: no link, picture, list, formula or HTML.

    >>> literal("<b>a_b</b> of 2026-01-01")
    '\\<b\\>a\\_b\\</b\\> of 2026-01-01'
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(str(text).split()))
