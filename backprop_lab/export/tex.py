r"""Texts of ours and of students as LaTeX that every engine sets: pdfTeX too, which knows few letters beyond ASCII.

escape(text)       a name or a sentence: nothing in it is markup
ascii_tex(source)  LaTeX with letters beyond ASCII → the same in ASCII; \bluni is for those that have no macro
comment(text)      a text in a comment: one line
"""

from __future__ import annotations

import re
import unicodedata

from ..drawing.texts import grouped, lowered

IN_FORMULAS = {"\\": r"\backslash", "^": r"\hat{\ }", "~": r"\sim", "<": "<", ">": ">", "|": "|"}
MARKUP = {c: rf"\ensuremath{{{sign}}}" for c, sign in IN_FORMULAS.items()}
MARKUP |= {c: rf"\{c}" for c in "{}$&#%_"} | {'"': "''"}
GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau "
    "upsilon phi chi psi omega"
).split()
_SIGNS = (
    r"· \cdot × \times ∂ \partial ∞ \infty √ \surd ≤ \le ≥ \ge ≠ \ne ≈ \approx → \to ← \leftarrow ± \pm "
    r"ϵ \epsilon ϕ \phi ϑ \vartheta ∇ \nabla ℓ \ell … \ldots"
).split()
SIGNS = {c: f"{macro} " for c, macro in zip(_SIGNS[::2], _SIGNS[1::2], strict=True)}
SIGNS |= {"−": "-", "′": "'", "\u202f": r"\,"}
WORDS = {"“": "``", "”": "''", "‘": "`", "’": "'", "–": "--", "—": "---", "ß": r"{\ss}", "ø": r"{\o}", "ł": r"{\l}"}
ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0307": ".", "\u0308": '"'}
ACCENTS |= {"\u0306": "u ", "\u030a": "r ", "\u030b": "H ", "\u030c": "v ", "\u0327": "c "}
LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧ", "ABEZHIKMNOPTX", strict=True))  # what looks like a Greek capital without a macro
RAISED = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))


def escape(text: str) -> str:
    """A text in which nothing is markup."""
    return marked_up(" ".join(text.split()))


def marked_up(text: str) -> str:
    """The same of a piece of a text, with the spaces at its ends."""
    return "".join(MARKUP.get(c, c) for c in text)


def comment(text: str) -> str:
    """A text for a comment: in ASCII and without ends of lines."""
    return "".join(c if " " <= c <= "~" else "?" for c in " ".join(text.split()))


def ascii_tex(source: str) -> str:
    """LaTeX in ASCII; control characters are left out."""
    source = unicodedata.normalize("NFC", source)
    source = re.sub(r"(\w)[\u0304\u0305]", r"\\ensuremath{\\bar{\1}}", source)
    return re.sub(r"[^\t\n -~]", lambda m: _letter(m[0]), source)


def _letter(c: str) -> str:
    if c < " " or "\x7f" <= c < "\xa0" or unicodedata.combining(c):
        return ""
    place = ord(c.lower()[0]) - ord("α")
    if 0 <= place < len(GREEK):
        macro = GREEK[place]
        if c.islower():
            return "o" if macro == "omicron" else rf"\ensuremath{{\{macro}}}"
        own = macro in "gamma delta theta lambda xi pi sigma upsilon phi psi omega".split()
        return rf"\ensuremath{{\{macro.capitalize()}}}" if own else rf"\ensuremath{{\mathrm{{{LATIN.get(c, '?')}}}}}"
    if c in SIGNS:
        return rf"\ensuremath{{{SIGNS[c]}}}"
    if c in RAISED:
        return rf"\ensuremath{{{{}}^{{{RAISED[c]}}}}}"
    if c in WORDS:
        return rf"\mbox{{{WORDS[c]}}}"
    letter, *marks = list(unicodedata.normalize("NFD", c))
    if letter.isascii() and len(marks) == 1 and marks[0] in ACCENTS:
        return rf"\mbox{{\{ACCENTS[marks[0]]}{letter}}}"
    return rf"\bluni{{{ord(c):04X}}}{{{c}}}"


def escape_read(text: str) -> str:
    """A text in which nothing is markup, as it is read: numbers in groups, subscripts lowered."""
    pieces = lowered(grouped(" ".join(text.split())))
    return "".join(
        ("{}", r"\textsubscript{{{}}}", r"\textsuperscript{{{}}}")[k].format(marked_up(p)) for p, k in pieces
    )


def tex_number(text: str) -> str:
    """A number, or a sum that waits, as the cells have it: `10 + 4`, `4.54e−05`, `−inf`."""
    text = "".join(("{}", "_{{{}}}", "^{{{}}}")[place].format(piece) for piece, place in lowered(grouped(text)))
    text = text.replace("−", "-").replace("inf", r"\infty ").replace("nan", r"\mathrm{nan}")
    text = re.sub(r"e([+-])0*(\d+)", lambda m: rf"\mathrm{{e}}{{{m[1]}}}{m[2]}", text)
    return f"${text}$" if text else ""


def bold_number(text: str) -> str:
    """The same for an adjoint or a tangent."""
    return rf"\boldmath{tex_number(text)}" if text else ""
