#!/usr/bin/env python3
"""Counts the comments that begin with a word which refers to something the reader has not been told.

    python3 tools/sentences.py [--list] [--at-most PERCENT] [PATH ..]

A comment that begins with "It", "Those" or "Whether" can rarely be understood without the code below
it. The tool reads the `*.rs` files that git knows, or those below the given paths, and prints a table
with one row for each crate:

    docs       the number of documentation comments (`///` and `//!`)
    inline     the number of other comments on lines of their own; consecutive lines are one comment
    trailing   the number of comments behind code
    density    the lines of inline comments, as a share of the lines with code

Each of the first three is followed by the share of the comments whose first word is in `OPENINGS`.

    --list              also lists every such comment
    --at-most PERCENT   lists the comments of each crate with a larger share, and exits with 1 if
                        there is such a crate
"""

import argparse
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

OPENINGS = frozenset(
    "what whether it its those that they one who whoever as also else unless of by how none not so "
    "without".split())

# One token of Rust, as far as comments are concerned: whatever may contain `//` without being a
# comment has to be recognized as a whole.
TOKEN = re.compile(
    r"""
      (?P<line>//[^\n]*)
    | (?P<block>/\*.*?\*/)
    | (?P<raw>\b(?:b|c)?r(?P<hashes>\#*)".*?"(?P=hashes))
    | (?P<string>"(?:\\.|[^"\\])*")
    | (?P<char>'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])')
    | (?P<newline>\n)
    | (?P<space>[^\S\n]+)
    | (?P<code>\w+|.)
    """, re.VERBOSE | re.DOTALL)

# The list marker, emphasis or quotation mark that stands in front of the first word. A word in
# backticks is a name from the code and therefore never an opening.
FIRST_WORD = re.compile(r"""[\s*_>#("'\[-]*(?:\d+\.\s+)?([A-Za-z]+(?:_\w+)?)""")


KINDS = ("doc", "inline", "trailing")


class Comment:
    """Consecutive lines of one kind, which is one of `KINDS`."""

    def __init__(self, kind, path, line, column):
        self.kind, self.path, self.line, self.column = kind, path, line, column
        self.texts = []

    @property
    def text(self):
        return next((text.strip() for text in self.texts if text.strip()), "")

    def is_vague(self):
        """Returns whether the comment begins with one of `OPENINGS`.

        >>> def opens(text):
        ...     comment = Comment("doc", Path(), 1, 0)
        ...     comment.texts.append(text)
        ...     return comment.is_vague()
        >>> opens("Whether the child is up."), opens("**It** ends."), opens("- those that wait")
        (True, True, True)
        >>> opens("Returns whether it is up."), opens("`it` is a name"), opens("one_for_one restarts")
        (False, False, False)
        """
        found = FIRST_WORD.match(self.text)
        return bool(found) and found[1].lower() in OPENINGS


def kind_of(text):
    """The kind of a line comment, and its text without the marker.

    >>> kind_of("/// The path."), kind_of("//! The path."), kind_of("// why"), kind_of("//// why")
    (('doc', ' The path.'), ('doc', ' The path.'), ('inline', ' why'), ('inline', '// why'))
    """
    if text.startswith("//!") or (text.startswith("///") and not text.startswith("////")):
        return "doc", text[3:]
    return "inline", text[2:]


def scan(path, text):
    """The comments of a file, and the numbers of its lines with code.

    >>> comments, code = scan(Path("a.rs"), 'let a = "// no"; // yes\\n// One\\n// more.\\n\\n// Two.\\n')
    >>> [(comment.kind, comment.line, comment.text) for comment in comments], code
    ([('trailing', 1, 'yes'), ('inline', 2, 'One'), ('inline', 5, 'Two.')], {1})
    """
    comments, code = [], set()
    line, start = 1, 0
    last = None
    for token in TOKEN.finditer(text):
        what, found = token.lastgroup, token[0]
        if what == "hashes":
            what = "raw"
        if what == "line":
            kind, words = kind_of(found)
            if line in code:
                kind = "trailing"
            column = token.start() - start
            follows = (last is not None and last.kind == kind and last.column == column
                       and last.line + len(last.texts) == line and kind != "trailing")
            if not follows:
                last = Comment(kind, path, line, column)
                comments.append(last)
            last.texts.append(words)
        elif what == "block":
            kind = "doc" if found.startswith(("/**", "/*!")) and len(found) > 4 else "inline"
            last = Comment(kind, path, line, token.start() - start)
            last.texts.extend(part.strip(" *!") for part in found[2:-2].split("\n"))
            comments.append(last)
        elif what not in ("newline", "space"):
            code.update(range(line, line + found.count("\n") + 1))
        if "\n" in found:
            line += found.count("\n")
            start = token.start() + found.rindex("\n") + 1
    return comments, code


def sources(paths):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--"]
    output = subprocess.run([*command, *paths], cwd=ROOT, check=True, capture_output=True).stdout
    names = sorted(set(output.decode().split("\0")))
    return [ROOT / name for name in names if name.endswith(".rs") and (ROOT / name).is_file()]


def crate_of(path):
    """The folder of the package that a file belongs to."""
    for folder in path.parents:
        manifest = folder / "Cargo.toml"
        if manifest.is_file() and "[package]" in manifest.read_text():
            return str(folder.relative_to(ROOT))
    return "."


def share(part, whole):
    return 100 * part / whole if whole else 0.0


class Crate:
    def __init__(self):
        self.comments = {kind: [] for kind in KINDS}
        self.code_lines = self.comment_lines = 0

    def add(self, path):
        comments, code = scan(path, path.read_text())
        self.code_lines += len(code)
        for comment in comments:
            self.comments[comment.kind].append(comment)
            if comment.kind == "inline":
                self.comment_lines += len(comment.texts)

    def vague(self, kind):
        return [comment for comment in self.comments[kind] if comment.is_vague()]

    def share(self, kind):
        return share(len(self.vague(kind)), len(self.comments[kind]))

    def row(self):
        counts = (f"{len(self.comments[kind]):>8} {self.share(kind):>6.1f} %" for kind in KINDS)
        return f"{' '.join(counts)} {share(self.comment_lines, self.code_lines):>7.1f} %"


def main():
    parser = argparse.ArgumentParser(
        description="Counts the comments that begin with a word such as \"It\" or \"Whether\".")
    parser.add_argument("--list", action="store_true", help="list every such comment")
    parser.add_argument("--at-most", type=float, metavar="PERCENT",
                        help="exit with 1 if a crate has a larger share of them")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="only the files below these paths")
    arguments = parser.parse_args()

    crates = defaultdict(Crate)
    total = Crate()
    for path in sources([str(Path(name).resolve()) for name in arguments.paths]):
        crates[crate_of(path)].add(path)
        total.add(path)

    width = max(map(len, [*crates, "total"]))
    heads = " ".join(f"{head:>8} {'share':>8}" for head in ("docs", "inline", "trailing"))
    print(f"{'crate':<{width}} {heads} {'density':>9}")
    for name, crate in sorted(crates.items()):
        print(f"{name:<{width}} {crate.row()}")
    print(f"{'total':<{width}} {total.row()}")

    too_many = False
    for _, crate in sorted(crates.items()):
        for kind in KINDS:
            exceeds = arguments.at_most is not None and crate.share(kind) > arguments.at_most
            too_many |= exceeds
            if exceeds or arguments.list:
                for comment in crate.vague(kind):
                    print(f"{comment.path.relative_to(ROOT)}:{comment.line}: {kind}: {comment.text}")
    sys.exit(1 if too_many else 0)


if __name__ == "__main__":
    main()
