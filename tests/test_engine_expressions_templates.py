"""A template that would take all memory or all time ends at once, with one sentence; sound ones are not touched."""

from time import process_time

import pytest
from jinja2 import StrictUndefined, TemplateError

from engine.expressions.templates import OutOfBoundsError, TemplateSandbox, bounded_turns

GROWING = "{% set ns = namespace(a='xx') %}{% for i in range(60) %}GROW{% endfor %}"
HOSTILE = {
    "a text times a billion": "{{ 'x' * 10**9 }}",
    "a list times a billion": "{{ [1] * 10**9 }}",
    "a power of a power": "{{ 10 ** (10 ** 10) }}",
    "a filter's width": "{{ 'x' | center(10**9) }}",
    "a method's width": "{{ 'x'.ljust(10**9) }}",
    "a method got by its name": "{{ ('x' | attr('ljust'))(10**9) }}",
    "a width in a format": "{{ '%999999999d' % 1 }}",
    "a width beside a format": "{{ '%*d' % (999999999, 1) }}",
    "an infinite number": "{{ 1e999 }}",
    "a width for a filter": "{{ '%999999999d' | format(1) }}",
    "a width in braces": "{{ '{:>999999999}'.format(1) }}",
    "a width given to braces": "{{ '{:>{}}'.format(1, 999999999) }}",
    "a fill": "{{ many | batch(10**9, 'y') | list }}",
    "as many slices": "{{ many | slice(10**9) | list }}",
    "digits": "{{ 1.5 | round(10**9, 'ceil') }}",
    "bytes": "{{ (5).to_bytes(10**9, 'big') }}",
    "tabs": "{{ 'a\\tb'.expandtabs(10**9) }}",
    "an indent": "{{ many | tojson(indent=10**8) }}",
    "a range": "{{ range(10**9) | list }}",
    "two loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "three loops over values":
        "{% for a in many %}{% for b in many %}{% for c in many %}.{% endfor %}{% endfor %}{% endfor %}",
    "doubled by ~": GROWING.replace("GROW", "{% set ns.a = ns.a ~ ns.a %}"),
    "doubled by +": GROWING.replace("GROW", "{% set ns.a = ns.a + ns.a %}"),
    "squared by a method": GROWING.replace("GROW", "{% set ns.a = ns.a.replace('x', ns.a) %}"),
    "squared by a filter": GROWING.replace("GROW", "{% set ns.a = ns.a | replace('x', ns.a) %}"),
    "squared by join": GROWING.replace("GROW", "{% set ns.a = ns.a.join(many | map('string') | list) %}"),
    "doubled by a block": GROWING.replace("GROW", "{% set ns.a %}{{ ns.a }}{{ ns.a }}{% endset %}"),
    "a page repeated": "{% for i in range(90000) %}{{ long }}{% endfor %}",
    "wrapped in itself": "{{ long | wordwrap(1, wrapstring=long) }}",
    "a macro that calls itself twice":
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
}  # fmt: skip
SOUND = {
    "{{ '-' * 40 }}": "-" * 40,
    "{{ 'a' ~ 1 ~ '<' }}": "a1&lt;",
    "{% set x = 'a' ~ ('b' ~ 'c') %}{{ x ~ (x ~ 'd') }}": "abcabcd",
    "{{ '%02d' % 7 }}{{ '{:.2f}'.format(2.5) }}": "072.50",
    "{{ 7 * 6 + 2 ** 3 % 5 }}": "45",
    "{% for a, b in [(1, 2)] %}{{ a }}{{ b }}{% else %}none{% endfor %}": "12",
    "{% for i in many if i > 997 %}{{ loop.index }}:{{ i }}{{ '' if loop.last else ',' }}{% endfor %}": "1:998,2:999",
    "{{ many[:3] | join('、') }}{{ 'ab' | center(6) | replace('b', 'cc') }}": "0、1、2  acc  ",
}


def filled(words: str) -> str:
    """Return a template with a thousand values and a long text set in."""
    with bounded_turns():
        made = TemplateSandbox(autoescape=True, undefined=StrictUndefined).from_string(words)
        return made.render(many=list(range(1000)), long="y " * 5000)


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_template_takes_all_memory_or_time(words: str) -> None:
    """It is refused in both languages, before it has used what it asks for."""
    since = process_time()
    with pytest.raises(OutOfBoundsError) as refused:
        filled(words)
    assert refused.value.sentence.zh
    assert refused.value.sentence.zh != refused.value.sentence.en
    assert process_time() - since < 10


@pytest.mark.parametrize(("words", "made"), SOUND.items())
def test_a_sound_template_is_as_without_bounds(words: str, made: str) -> None:
    """Loops, sums, joins, formats and what is escaped come out as in Jinja2 itself."""
    assert filled(words) == made


def test_what_was_used_up_is_given_again_for_the_next() -> None:
    """Each use of a template has its own turns; outside of one none are counted."""
    for _ in range(2):
        assert filled("{% for i in range(90000) %}{% endfor %}done") == "done"
    with pytest.raises(TemplateError):
        filled("{% for i in range(90000) %}{% for j in [1, 2] %}{% endfor %}{% endfor %}")
