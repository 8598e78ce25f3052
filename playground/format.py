"""Numbers as people read them: one way to write each, on pages, in figures and on the command line.

Never an exponent in programmers' spelling (`1.23e+05`): a power of ten is raised, `1.2 × 10⁵`. The minus is a
minus, `−`; thousands are parted, `12,345`; what is infinite is `∞` and what is missing or no number is `–`.
Halves are rounded away from zero. The live panel writes its numbers with the same functions in
`assets/js/core/format.js`; `tests/number_cases.json` holds both to the same cases.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

MISSING = "–"
_SMALL = 1e-4
"""What is smaller is written with a power of ten."""
_LARGE = 99_999.5
"""What is as large as this, too: it would round to 100,000."""
_LARGE_CHOICE = 1e7
"""What is chosen keeps its digits for longer than what is measured: a limit of 1,000,000."""
_MOST_POWER = 999_999
"""Beyond this power of ten only the size is told: the loss that was exponentiated has no more digits."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """A measured number: so many significant digits, but never fewer than its whole part has.

    Beside a power of ten stands one digit fewer (two at least), as the power says how large it is.

    >>> number(0.012345), number(-12.345), number(12345.6), number(1234567), number(0.0000123)
    ('0.0123', '−12.3', '12,346', '1.2 × 10⁶', '1.2 × 10⁻⁵')

    Args:
        value: The number; None where there is none.
        digits: The significant ones, at least 1.
    """
    if value is None or not math.isfinite(value):
        return _unwritable(value)
    size = abs(value)
    if size and not _SMALL <= size < _LARGE:
        return _sign(value) + _scientific(size, digits)
    rounded = _rounded(size, digits) if size < 10**digits else _fixed(size, 0)
    return _sign(value) + _stripped(f"{rounded:,f}")


def fixed(value: float | None, decimals: int, *, plus: bool = False) -> str:
    """With so many decimals, so that numbers below one another line up; a large one as `number` writes it.

    >>> fixed(2, 1), fixed(-0.04, 1), fixed(0.25, 3, plus=True), fixed(4000, 1)
    ('2.0', '0.0', '+0.250', '4,000')

    Args:
        value: The number; None where there is none.
        decimals: How many; they are dropped from 1,000 on.
        plus: Write a positive number's sign, and nought's.
    """
    if value is None or not math.isfinite(value):
        return _unwritable(value, plus)
    rounded = _fixed(value, decimals)
    if abs(rounded) >= 1000:
        return _sign(value, plus) + number(abs(value))
    return _sign(rounded, plus) + f"{abs(rounded):f}"


def exact(value: float | None, *, plus: bool = False) -> str:
    """A chosen number, such as a learning rate: as many digits as it takes, ten at most.

    >>> exact(1.0), exact(0.25), exact(2000.5), exact(1e12), exact(1e-5), exact(2, plus=True)
    ('1', '0.25', '2,000.5', '1 × 10¹²', '1 × 10⁻⁵', '+2')

    Args:
        value: The number; None where there is none.
        plus: Write a positive number's sign, and nought's.
    """
    if value is None or not math.isfinite(value):
        return _unwritable(value, plus)
    rounded = _rounded(abs(value), 10)
    if rounded and not _SMALL <= float(rounded) < _LARGE_CHOICE:
        power = rounded.adjusted()
        return _sign(value, plus) + _raised(_stripped(f"{rounded.scaleb(-power):f}"), power)
    return _sign(value, plus) + _stripped(f"{rounded:,f}")


def tick(value: float) -> str:
    """What stands at a logarithmic axis: as `exact`, and a bare power of ten without a factor before it.

    >>> tick(0.01), tick(20), tick(10_000), tick(1e5), tick(1e-5), tick(2e7)
    ('0.01', '20', '10,000', '10⁵', '10⁻⁵', '2 × 10⁷')

    Args:
        value: Above 0.
    """
    power = round(math.log10(value))
    is_bare = math.isclose(value, 10.0**power) and not _SMALL <= value < _LARGE
    return _raised("10", power, "") if is_bare else exact(value)


def exponential(log: float | None, digits: int = 3) -> str:
    """E to the power of a number, written as `number` writes it, also where no float is that large or small.

    >>> exponential(0.0), exponential(math.log(9.97e6)), exponential(5000), exponential(-5000)
    ('1', '1.0 × 10⁷', '3.0 × 10²¹⁷¹', '3.4 × 10⁻²¹⁷²')

    Args:
        log: The natural logarithm of what is written; None where there is none.
        digits: As in `number`.
    """
    if log is None or math.isnan(log):
        return MISSING
    if math.isinf(log):
        return "∞" if log > 0 else "0"
    if abs(log) < 700:  # a float holds it
        return number(math.exp(log), digits)
    power = math.floor(log / math.log(10))
    if abs(power) > _MOST_POWER:
        return _raised("> 10", _MOST_POWER, "") if power > 0 else _raised("< 10", -_MOST_POWER, "")
    factor = _rounded(math.exp(log - power * math.log(10)), _beside_power(digits))
    return _raised(f"{factor.scaleb(-factor.adjusted()):f}", power + factor.adjusted())


def perplexity_text(loss: float | None) -> str:
    """The perplexity that belongs to a loss in nats a token: its exponential, `4.09`, `2.6 × 10¹⁰`.

    A diverged loss's perplexity may overflow every float; it is written all the same.
    """
    return exponential(loss)


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 1; one that is there but would be rounded away is told as smaller than the last digit.

    >>> percent(0.12345), percent(0.5, 0), percent(0.0004), percent(0.0)
    ('12.3%', '50%', '<0.1%', '0.0%')

    Args:
        share: From 0 to 1; None where there is none.
        decimals: How many.
    """
    if share is None or not math.isfinite(share):
        return _unwritable(share)
    if 0 < 100 * share < 0.5 * 10**-decimals:
        return f"<{10**-decimals:.{decimals}f}%"
    return f"{_fixed(100 * share, decimals):f}%"


def epoch_text(epoch: float, decimals: int = 4) -> str:
    """A moment of training, for people and for addresses: no separators, as few decimals as it takes.

    >>> epoch_text(100.0), epoch_text(100.04), epoch_text(2.33333), epoch_text(12345.0)
    ('100', '100.04', '2.3333', '12345')
    """
    return _stripped(f"{_fixed(epoch, decimals):f}")


def _unwritable(value: float | None, plus: bool = False) -> str:
    """For infinity and for no number at all."""
    return MISSING if value is None or math.isnan(value) else _sign(value, plus) + "∞"


def _sign(value: float | Decimal, plus: bool = False) -> str:
    return "−" if value < 0 else "+" if plus else ""


def _scientific(size: float, digits: int) -> str:
    factor = _rounded(size, _beside_power(digits))
    power = factor.adjusted()
    return _raised(f"{factor.scaleb(-power):f}", power)


def _beside_power(digits: int) -> int:
    return max(2, digits - 1)


def _raised(factor: str, power: int, times: str = " × 10") -> str:
    return factor + times + str(power).translate(_RAISED)


def _rounded(value: float, digits: int) -> Decimal:
    """To so many significant digits, zeros at the end included."""
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal_from_float(float(value))
    return rounded.quantize(Decimal(1).scaleb(rounded.adjusted() - digits + 1)) if rounded else Decimal(0)


def _fixed(value: float, decimals: int) -> Decimal:
    return Decimal(float(value)).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=Context(prec=400)
    )


def _stripped(text: str) -> str:
    """Without the zeros that end its decimals."""
    return text.rstrip("0").rstrip(".") if "." in text else text
