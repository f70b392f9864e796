"""Pictures as SVG strings: pure functions, x in per cent and y in pixels, so that shapes stretch and letters do not.

No Django, no clock, no inline style: classes and the fills of `ui.symbols.sprite()` do the colouring. Each picture is
`role=img` with a title that says the finding in numbers; a table of the same figures stands beside or behind it.
All words are escaped here; what comes back is markup.
"""

from qiguan.ui.pictures.bars import Bar, Part, columns, coverage_bar, mix_bar, months_of_silence, spark
from qiguan.ui.pictures.strips import Gap, Strip, mini_strip, year_strip, year_table

__all__ = [
    "Bar",
    "Gap",
    "Part",
    "Strip",
    "columns",
    "coverage_bar",
    "mini_strip",
    "mix_bar",
    "months_of_silence",
    "spark",
    "year_strip",
    "year_table",
]
