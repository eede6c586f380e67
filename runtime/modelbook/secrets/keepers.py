"""Who can open the files: `.sops.yaml` and a recipient -> rules and files that agree.

Who was removed keeps what he has read, and the data key of every old file; so each file gets a new
data key (it is decrypted and encrypted anew), and the keys in it have to be rotated at the vendor.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

from .bare import bare
from .errors import SecretStateError, SopsConfigError, SopsKeyError
from .folder import Folder, read_regular
from .ids import RULES
from .places import environments
from .sops import commands
from .sops.rules import RECIPIENT, rules
from .writing import alone, publish, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .sops.commands import Tool
    from .sops.rules import Rule, Rules
    from .sops.strict import Pointer

    Progress = Callable[[str, int, int], None]

ANY = "any"
"""Stands for a vendor that has no file yet, where a rule is looked for."""


@bare
def rekey(
    folder: Folder, vendors: Iterable[str] | None = None, progress: Progress | None = None
) -> tuple[str, ...]:
    """Encrypt files anew, with a new data key, for whom `.sops.yaml` names; return their paths.

    All of an environment, or those of some vendors; each whole or not at all, and `progress` gets
    path, number and total after each. A file whose policy is wrong in anything but its recipients,
    or whose seals do not hold, is refused.
    """
    asked = tuple(folder.vendors() if vendors is None else vendors)
    with alone(folder):
        for number, vendor in enumerate(asked, 1):
            _anew(folder, vendor)
            if progress is not None:
                progress(folder.place(vendor), number, len(asked))
    return tuple(folder.place(vendor) for vendor in asked)


@bare
def add_recipient(
    root: Path, environment: str, recipient: str, tool: Tool, progress: Progress | None = None
) -> tuple[str, ...]:
    """Let a recipient open the files of an environment; return the files that were rekeyed.

    `.sops.yaml` is edited in place, comments kept. Files of other environments under the same rule
    are rekeyed too.
    """
    if not RECIPIENT.match(recipient):
        message = "this is no public key of age or SSH"
        raise SopsConfigError(message, path=RULES, hint="it begins with age1 or ssh-")
    return _change(root, environment, tool, lambda people: people | {recipient}, progress)


@bare
def remove_recipient(
    root: Path, environment: str, recipient: str, tool: Tool, progress: Progress | None = None
) -> tuple[str, ...]:
    """Keep a recipient from opening the files of an environment from now on; see `add_recipient`.

    Raises `SecretStateError` for the last one, and if nobody were left whose identity we have.
    """
    return _change(root, environment, tool, lambda people: people - {recipient}, progress)


def _change(
    root: Path,
    environment: str,
    tool: Tool,
    change: Callable[[frozenset[str]], frozenset[str]],
    progress: Progress | None,
) -> tuple[str, ...]:
    """Edit the rules of an environment, then rekey all files under them."""
    folder = Folder(root, environment, tool)
    known = folder.rules()
    touched = {
        rule.index: rule
        for vendor in (folder.vendors() or (ANY,))
        if change((rule := folder.rule(vendor, known)).recipients) != rule.recipients
    }
    if not touched:
        raise SecretStateError(
            f"nothing to change in {environment}", path=RULES, hint="see `.sops.yaml`"
        )
    text = known.raw.decode("utf-8")
    for rule in sorted(touched.values(), key=lambda one: -one.index):
        text = _edited(text, known, rule, change(rule.recipients))
    new = rules(text.encode())
    _check_edit(known, new, {index: change(rule.recipients) for index, rule in touched.items()})
    files = _under(folder, known, set(touched))
    _rehearse(folder, new, files)
    return _publish(files, known.raw, text.encode(), progress)


def _publish(
    files: dict[Folder, list[str]], old: bytes, new: bytes, progress: Progress | None
) -> tuple[str, ...]:
    """Write the rules, then each file; return their paths."""
    done: list[str] = []
    with ExitStack() as stack:
        for folder in sorted(files, key=lambda one: one.environment):  # all writers in one order
            stack.enter_context(alone(folder))
        first = next(iter(files))
        if read_regular(first.root, RULES) != old:
            raise SecretStateError("`.sops.yaml` has changed meanwhile", path=RULES, hint="again")
        scratch = first.root / f".sops.{first.environment}.tmp.yaml"
        scratch.unlink(missing_ok=True)  # of a run that was killed
        publish(first.root / RULES, new, scratch)
        total = sum(map(len, files.values()))
        for folder, vendors in files.items():
            for vendor in vendors:
                _anew(folder, vendor)
                done.append(folder.place(vendor))
                if progress is not None:
                    progress(done[-1], len(done), total)
    return tuple(done)


def _anew(folder: Folder, vendor: str) -> None:
    """Encrypt one file anew for whom the rules name. The caller holds `alone`."""
    records = folder.opened(vendor, folder.raw(vendor), recipients=False)
    replace(folder, vendor, records)


def _under(folder: Folder, known: Rules, touched: set[int]) -> dict[Folder, list[str]]:
    """Return the files whose rule changes, by environment; the folder itself is first."""
    found: dict[Folder, list[str]] = {}
    there = environments(folder.root) if folder.path.parent.is_dir() else ()
    others = [one for one in there if one != folder.environment]
    for one in (folder, *(Folder(folder.root, name, folder.tool) for name in others)):
        vendors = [name for name in one.vendors() if one.rule(name, known).index in touched]
        if vendors or one is folder:
            found[one] = vendors
    return found


def _rehearse(folder: Folder, new: Rules, files: dict[Folder, list[str]]) -> None:
    """Make sure, before anything is written, that we can open all files now and afterwards."""
    for one, vendors in files.items():
        for vendor in vendors:
            one.opened(vendor, one.raw(vendor), recipients=False)
    rule = folder.rule((files[folder] or [ANY])[0], new)
    probe = commands.encrypt(folder.tool, {"probe": {"value": "probe"}}, rule, RULES)
    try:
        commands.decrypt(folder.tool, probe, RULES)
    except SopsKeyError:
        pass
    else:
        return
    message = "afterwards you could not open the files yourself"
    hint = "let somebody do it who stays a recipient"
    raise SecretStateError(message, path=RULES, hint=hint)


def _edited(text: str, known: Rules, rule: Rule, wanted: frozenset[str]) -> str:
    """Return the text of the rules with other recipients in one of them."""
    at: Pointer = ("creation_rules", rule.index, "age")
    if not wanted:
        message = "the last recipient cannot be removed"
        raise SecretStateError(message, path=RULES, hint="add another one first")
    spans = known.parsed.ends
    if at in spans:
        return _edited_text(text, spans[at], wanted)
    items = [spans[(*at, n)] for n in range(len(rule.recipients))]
    for begin, end in reversed(items):
        if text[begin:end].strip("'\" ") not in wanted:
            text = _without(text, begin, end)
    for one in sorted(wanted - rule.recipients):
        text = _with(text, *items[-1], one)
    return text


def _edited_text(text: str, span: tuple[int, int], wanted: frozenset[str]) -> str:
    """Return the text of the rules where the recipients are one text with commas."""
    begin, end = span
    if "\n" in text[begin:end].rstrip("\n"):
        message = "the recipients go over several lines of text"
        raise SopsConfigError(
            message, path=RULES, hint="write them as a list: one `- age1…` a line"
        )
    quote = text[begin] if text[begin] in "'\"" else ""
    old = [one.strip() for one in text[begin:end].strip("'\"").split(",")]
    kept = [one for one in old if one in wanted]
    new = ",".join([*kept, *sorted(wanted - set(kept))])
    return f"{text[:begin]}{quote}{new}{quote}{text[end:]}"


def _without(text: str, begin: int, end: int) -> str:
    """Return text without one item of a list: its line, or what stands between two commas."""
    start = text.rfind("\n", 0, begin) + 1
    if re.fullmatch(r" *- *", text[start:begin]):
        stop = text.find("\n", end)
        return text[:start] + ("" if stop < 0 else text[stop + 1 :])
    if after := re.match(r" *, *", text[end:]):
        return text[:begin] + text[end + after.end() :]
    before = re.search(r" *, *\Z", text[:begin])
    return text[: before.start() if before else begin] + text[end:]


def _with(text: str, begin: int, end: int, recipient: str) -> str:
    """Return text with one more item behind another one of a list, written in the same way."""
    start = text.rfind("\n", 0, begin) + 1
    if re.fullmatch(r" *- *", text[start:begin]):
        stop = text.find("\n", end)
        line = f"{text[start:begin]}{recipient}\n"
        return f"{text}\n{line}" if stop < 0 else text[: stop + 1] + line + text[stop + 1 :]
    return f"{text[:end]}, {recipient}{text[end:]}"


def _check_edit(old: Rules, new: Rules, wanted: dict[int, frozenset[str]]) -> None:
    """Make sure that an edit changed the recipients of some rules, and nothing else."""
    before, after = old.parsed.data["creation_rules"], new.parsed.data["creation_rules"]
    assert isinstance(before, list) and isinstance(after, list)  # noqa: PT018, S101
    ok = len(before) == len(after)
    for index, (one, other) in enumerate(zip(before, after, strict=False)):
        if index not in wanted:
            ok = ok and one == other
        elif isinstance(one, dict) and isinstance(other, dict):
            ok = ok and {**one, "age": ""} == {**other, "age": ""}
            ok = ok and new.recipients(index) == wanted[index]
    if not ok:
        message = "`.sops.yaml` is written in a way that cannot be edited safely"
        raise SopsConfigError(message, path=RULES, hint="edit it by hand, then rekey")
