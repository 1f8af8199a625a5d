"""Names that come from players' devices, shown as text wherever Streamlit reads Markdown."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|:$~&])")


def literal(text: object) -> str:
    r"""`text` as Markdown that shows exactly it: no link, picture, formula or HTML.

    >>> literal("<b>a_b</b>")
    '\\<b\\>a\\_b\\</b\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
