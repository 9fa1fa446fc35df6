#!/usr/bin/env python3
"""Draws which files of a source folder need which others, and finds the cycles among them.

    python3 tools/arrows.py [--calls] [--at-most N] FOLDER

An arrow leads from a file to each file of the folder that defines something the first one names:
in a `use`, or in a path such as `super::item` or `module::item`. A re-export is followed to the
file that defines the name, and is no arrow by itself.

With `--calls`, an arrow leads from a file to each file that defines a method the first one calls
as `self.method()`, where the `impl` blocks of one type are spread over several files.

`--at-most N` makes the exit code 1 if the largest cycle has more than N files; N is 1 where no
cycle is allowed. Code under `#[cfg(test)]` is ignored. Names that a macro makes up are not seen.
"""

import argparse
import re
import sys
from pathlib import Path

# Comments, strings and character literals; a lifetime is none of them.
NOISE = re.compile(
    r"//[^\n]*|/\*.*?\*/|b?r(#*)\".*?\"\1|\"(?:\\.|[^\"\\])*\"|'(?:\\.[^']*|[^'\\])'", re.S
)
PUBLIC = r"pub(?:\([^)]*\))?\s+"
TEST_ITEM = re.compile(
    rf"#\[cfg\(test\)\]\s*(?:#\[[^\]]*\]\s*)*(?P<module>(?:{PUBLIC})?mod\s+(?P<name>\w+)\s*;)?"
)
USE = re.compile(rf"(?P<public>\b{PUBLIC})?\buse\s+(?P<tree>[^;]+);")
PATH = re.compile(r"(?<![\w:])(?:r#)?\w+(?:\s*::\s*(?:r#)?\w+)+")
DECLARED = re.compile(r"\bmod\s+\w+\s*;")
MODULE = re.compile(r"\bmod\s+(\w+)\s*\{")
IMPL = re.compile(r"^[ \t]*(?:unsafe\s+)?impl\b([^{;]*)\{", re.M)
METHOD = re.compile(r"\bfn\s+(\w+)")
CALL = re.compile(r"\bself\s*\.\s*(\w+)\s*\(")
ITEM = re.compile(
    r"\b(?:fn|struct|enum|union|trait|type|const|static|mod|macro_rules!)\s+(?!fn\b|mut\b)(\w+)"
)


def block_end(text, start):
    """Returns the end of the item that begins at `start`: behind its braces, or behind its `;`."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in "{([") - (text[at] in "})]")
        if depth < 0 or depth == 0 and text[at] in "};":
            return at + 1
    return len(text)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_noise(text):
    """Returns the text without comments, literals and test code, and the names of test modules."""
    text = NOISE.sub(lambda found: blank(found[0]), text)
    tests = set()
    while found := TEST_ITEM.search(text):
        tests.update(filter(None, [found["name"]]))
        end = block_end(text, found.end() - bool(found["module"]))
        text = text[: found.start()] + blank(text[found.start() : end]) + text[end:]
    return text, tests


def flat(tree):
    """Returns every path of a use tree with the name that it binds: `a::{b, c as d}` is two."""
    tree = tree.strip()
    if brace := re.match(r"^(?:(.*?)::)?\s*\{(.*)\}$", tree, re.S):
        parts, depth = [""], 0
        for char in brace[2]:
            depth += (char == "{") - (char == "}")
            if char == "," and depth == 0:
                parts.append("")
            else:
                parts[-1] += char
        head = segments(brace[1] or "")
        return [(head + rest, name) for part in parts if part.strip() for rest, name in flat(part)]
    path, _, name = re.sub(r"\s+", " ", tree).partition(" as ")
    path = segments(path)
    if len(path) > 1 and path[-1] == "self":
        path.pop()
    return [(path, name.strip() or path[-1])]


def segments(path):
    return [part.strip().removeprefix("r#") for part in path.split("::") if part.strip()]


class Folder:
    """The files of a folder by the path of their module, as a tuple from the root of the crate."""

    def __init__(self, folder):
        self.folder = folder.resolve()
        above = [self.folder, *self.folder.parents]
        source = next((at for at in above if at.name == "src"), self.folder)
        self.files, self.text, self.lines = {}, {}, {}
        tests = set()
        for path in sorted(self.folder.rglob("*.rs")):
            module = path.relative_to(source).with_suffix("").parts
            module = module[:-1] if module[-1] in ("mod", "lib", "main") else module
            raw = path.read_text()
            text, test_modules = without_noise(raw)
            tests |= {module + (name,) for name in test_modules}
            self.files[module], self.text[module] = path, text
            self.lines[module] = raw.count("\n")
        for module in list(self.files):
            if any(module[: len(test)] == test for test in tests):
                del self.files[module], self.text[module]
        self.defined = {module: set(ITEM.findall(text)) for module, text in self.text.items()}
        self.uses = {module: self.uses_of(module) for module in self.files}

    def absolute(self, module, path):
        """Returns the path from the root of the crate, or `None` for one into another crate."""
        if path[0] == "crate":
            return tuple(path[1:])
        base = module
        if path[0] in ("super", "self"):
            while path and path[0] in ("super", "self"):
                base = base[:-1] if path[0] == "super" else base
                path = path[1:]
            return base + tuple(path)
        return module + tuple(path) if module + (path[0],) in self.files else None

    def within(self, module, at):
        """Returns the module at a place of a file, where the file has modules in itself."""
        for found in MODULE.finditer(self.text[module], 0, at):
            if found.end() <= at < block_end(self.text[module], found.end() - 1):
                module += (found[1],)
        return module

    def uses_of(self, module):
        uses = []
        for found in USE.finditer(self.text[module]):
            inner = self.within(module, found.start())
            for path, name in flat(found["tree"]):
                uses.append((self.absolute(inner, path), name, bool(found["public"])))
        return uses

    def target(self, path, seen=()):
        """Returns the module that defines what a path names, or `None` for a module itself."""
        path = path or ()
        prefixes = (path[:end] for end in range(len(path), -1, -1))
        module = next((prefix for prefix in prefixes if prefix in self.files), None)
        if module is None or module == path or path in seen:
            return None
        rest = path[len(module) :]
        if rest[0] == "*" or rest[0] in self.defined[module]:
            return module
        for used, name, _ in self.uses[module]:
            if name == rest[0]:
                return self.target(used and used + rest[1:], (*seen, path))
            if name == "*" and used:
                found = self.target(used[:-1] + rest, (*seen, path))
                if found is not None:
                    return found
        return module

    def imports(self, module):
        """Returns the modules of the files that a file names something of."""
        text = USE.sub(lambda found: blank(found[0]), self.text[module])
        text = DECLARED.sub(lambda found: blank(found[0]), text)
        targets = set()
        for path, name, public in self.uses[module]:
            if not public or re.search(rf"\b{re.escape(name)}\b", text) or name == "*":
                targets.add(self.target(path))
        known = {name: path for path, name, _ in self.uses[module]}
        for found in PATH.finditer(text):
            path = segments(found[0])
            inner = self.within(module, found.start())
            if path[0] in known:
                targets.add(self.target(known[path[0]] and known[path[0]] + tuple(path[1:])))
            elif absolute := self.absolute(inner, path):
                targets.add(self.target(absolute))
        return targets - {None, module}

    def methods(self):
        """Returns the files that define each method, and all calls on `self` in `impl` blocks."""
        defined, calls = {}, []
        for module, text in self.text.items():
            for found in IMPL.finditer(text):
                head = re.split(r"\bwhere\b", found[1])[0].split(" for ")[-1]
                while (plain := re.sub(r"<[^<>]*>", "", head)) != head:
                    head = plain
                kind = (re.findall(r"\w+", head) or [""])[-1]
                body = text[found.end() : block_end(text, found.end() - 1)]
                for name in METHOD.findall(body):
                    defined.setdefault((kind, name), set()).add(module)
                calls += [(module, kind, name) for name in CALL.findall(body)]
        return defined, calls

    def arrows(self, by_calls):
        if not by_calls:
            return {module: self.imports(module) for module in self.files}
        defined, calls = self.methods()
        arrows = {module: set() for module in self.files}
        for module, kind, name in calls:
            targets = defined.get((kind, name), set())
            arrows[module] |= targets if module not in targets else set()
        return arrows

    def name(self, module):
        return str(self.files[module].relative_to(self.folder))


def cycles(arrows):
    """Returns the strongly connected components of more than one file, the largest first."""

    def reach(start):
        seen, todo = set(), [start]
        while todo:
            for target in arrows[todo.pop()] - seen:
                seen.add(target)
                todo.append(target)
        return seen

    reached = {module: reach(module) for module in arrows}
    found = {frozenset(other for other in reached[at] if at in reached[other]) for at in arrows}
    found = sorted(sorted(cycle) for cycle in found if len(cycle) > 1)
    return sorted(found, key=len, reverse=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--calls", action="store_true", help="arrows by calls of self.method()")
    help = "fail if a cycle has more than N files"
    parser.add_argument("--at-most", type=int, metavar="N", help=help)
    arguments = parser.parse_args()

    folder = Folder(arguments.folder)
    if not folder.files:
        sys.exit(f"no .rs file in {arguments.folder}")
    arrows = folder.arrows(arguments.calls)
    named = sorted((folder.name(module), module) for module in arrows)
    width = max(len(name) for name, _ in named)
    for name, module in named:
        targets = ", ".join(sorted(map(folder.name, arrows[module])))
        targets = f"  -> {targets}" if targets else ""
        print(f"{name:{width}} {folder.lines[module]:5}{targets}")

    found = cycles(arrows)
    print(f"\n{len(arrows)} files, {sum(map(len, arrows.values()))} arrows, {len(found)} cycles")
    for cycle in found:
        print(f"cycle of {len(cycle)}: {', '.join(sorted(map(folder.name, cycle)))}")
    largest = max(map(len, found), default=1)
    if arguments.at_most is not None and largest > arguments.at_most:
        print(f"the largest cycle has {largest} files; at most {arguments.at_most} are allowed")
        sys.exit(1)


if __name__ == "__main__":
    main()
