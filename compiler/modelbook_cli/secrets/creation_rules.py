"""The text of `.sops.yaml` -> the same text with a rule for one more environment."""

from __future__ import annotations

from modelbook.secrets.errors import SopsConfigError
from modelbook.secrets.record import ENCRYPTED

HEAD = """\
# Who may read the keys in secrets/ENVIRONMENT/VENDOR.sops.yaml: public keys of age.
# After a change by hand: `modelbook secrets rekey`.
creation_rules:
"""
BY_HAND = "write the rules one below the other, each beginning with `-`"


def rule(environment: str, recipients: tuple[str, ...], indent: str = "  ") -> str:
    """Return the rule of an environment as text."""
    lines = [
        f"- path_regex: ^secrets/{environment}/[a-z0-9-]+\\.sops\\.yaml$",
        f"  encrypted_regex: ^({'|'.join(ENCRYPTED)})$",
        "  age:",
        *(f"    - {one}" for one in recipients),
    ]
    return "".join(f"{indent}{line}\n" for line in lines)


def with_rule(text: str, environment: str, recipients: tuple[str, ...]) -> str:
    """Return a `.sops.yaml` with one more rule, its comments and all else as they were.

    Raises `SopsConfigError` for a text in which a rule cannot be added to the others.
    """
    import yaml

    if not text.strip():
        return HEAD + rule(environment, recipients)
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        raise SopsConfigError(".sops.yaml is no YAML", hint="mend it first") from None
    if top is None:  # comments alone
        return _ended(text) + HEAD[HEAD.index("creation_rules") :] + rule(environment, recipients)
    if not isinstance(top, yaml.MappingNode) or top.flow_style:
        raise SopsConfigError(".sops.yaml is no mapping", hint=BY_HAND)
    for key, value in top.value:
        if key.value == "creation_rules":
            return _added(text, value, environment, recipients)
    return _ended(text) + "creation_rules:\n" + rule(environment, recipients)


def _added(text: str, rules: object, environment: str, recipients: tuple[str, ...]) -> str:
    """Return a text with a rule after those that it has."""
    import yaml

    if isinstance(rules, yaml.SequenceNode | yaml.ScalarNode) and not rules.value:
        start, end = rules.start_mark.index, rules.end_mark.index
        rest = text[end:]
        line, _, further = rest.partition("\n")
        return f"{text[:start].rstrip()}{line}\n{rule(environment, recipients)}{further}"
    if not isinstance(rules, yaml.SequenceNode) or rules.flow_style:
        raise SopsConfigError("a rule cannot be added to this .sops.yaml", hint=BY_HAND)
    indent = " " * rules.start_mark.column
    end = _end_of(text, rules.value[-1])
    return _ended(text[:end]) + rule(environment, recipients, indent) + text[end:]


def _end_of(text: str, node: object) -> int:
    """Return where the line ends on which the last scalar of a node stands."""
    import yaml

    while isinstance(node, yaml.MappingNode | yaml.SequenceNode) and node.value:
        if node.flow_style:
            break
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    assert isinstance(node, yaml.Node)  # noqa: S101  # which the stubs do not say
    if node.end_mark.column == 0:  # a block of text ends where the next line begins
        return node.end_mark.index
    line = text.find("\n", node.end_mark.index)
    return len(text) if line < 0 else line + 1


def _ended(text: str) -> str:
    """Return a text whose last line has an end."""
    return text if text.endswith("\n") or not text else text + "\n"
