#!/usr/bin/env python3
"""Sends the requests of an editor, inside `supervisor!` and `#[child]`, to rust-analyzer.

    python3 tools/editor.py [WORD ..]

Every case is a source with a caret, `$0`, in a crate that depends on the runtime crate by path. With
words, only the cases whose name contains a word are tried. The exit code is the number of cases that
failed, without those that are known to fail.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlparse

from language_server import Server

ROOT = Path(__file__).resolve().parent.parent
CARET = "$0"

MANIFEST = """\
[package]
name = "case"
edition = "2024"

[dependencies]
sage-supervisor = {{ path = "{}" }}

[workspace]
"""

PRELUDE = """\
#![allow(unused)]
use sage_supervisor::*;

#[derive(Clone)]
pub struct Db;

impl Db {
    pub fn query(&self) {}
}

/// Does the work.
pub async fn worker(ctx: ChildContext) {}
"""


def block(text):
    """A function with a `supervisor!` block that contains the text."""
    return f"pub fn app(database: Db, inbox: Vec<u8>) {{\n    let _ = supervisor! {{\n{text}\n    }};\n}}\n"


def child(text):
    """A block in which the text, a child, stands between two other children."""
    return block(f'name = "app",\n#[child]\nfirst = worker,\n{text},\n#[child]\nlast = worker,')


def nested(text):
    return child(f'#[child(restart = "transient")]\ninner = supervisor! {{\n{text}\n}}')


CONTEXT = ["cancelled", "is_cancelled", "path"]
RESTART = "`\"permanent\"`, `\"transient\"`"

# The completions that must come with documentation.
KEYS = {"restart", "ready_within", "clone", "lend", "significant", "shutdown", "strategy",
        "max_restarts", "initial", "max"}
# Each case is its name, a source with a caret, and labels that must be offered.
COMPLETIONS = [
    ("`ctx.` in a closure", child("#[child]\none = |ctx| async move { ctx.$0 }"), CONTEXT),
    ("`ctx.` in an async closure", child("#[child]\none = async |ctx| { ctx.$0 }"), CONTEXT),
    ("`ctx.` with code behind it", child(
        "#[child]\none = async |ctx| {\n    ctx.$0\n    println!(\"later\");\n}"), CONTEXT),
    ("`ctx.` in an unfinished statement", child(
        "#[child]\none = async |ctx| {\n    let a = ctx.$0\n    let b = ;\n}"), CONTEXT),
    ("`.` on a value in `clone(..)`", child(
        "#[child(clone(database))]\none = async move |_| { database.$0 }"), ["query"]),
    ("`.` on a value in `lend(..)`", child(
        "#[child(lend(inbox))]\none = async move |_| { inbox.$0 }"), ["push", "is_empty"]),
    ("start of a path", child("#[child]\none = wor$0"), ["worker"]),
    ("no start yet", child("#[child]\none = $0"), ["worker", "database"]),
    ("start without a comma behind it", block(
        "#[child]\none = worker,\n#[child]\ntwo = wor$0"), ["worker"]),
    ("start of a name in `clone(..)`", child(
        "#[child(clone(data$0))]\none = async move |_| {}"), ["database"]),
    ("no name in `clone(..)` yet", child("#[child(clone($0))]\none = async move |_| {}"), ["database"]),
    ("second name in `clone(..)`", child(
        "#[child(clone(database, inb$0))]\none = async move |_| {}"), ["inbox"]),
    ("start of a name in `lend(..)`", child("#[child(lend(inb$0))]\none = async move |_| {}"), ["inbox"]),
    ("no name in `lend(..)` yet", child("#[child(lend($0))]\none = async move |_| {}"), ["inbox"]),
    ("`restart = RestartPolicy::`", child("#[child(restart = RestartPolicy::$0)]\none = worker"),
     ["Permanent", "Transient", "Temporary"]),
    ("`restart = Rest`", child("#[child(restart = Rest$0)]\none = worker"), ["RestartPolicy"]),
    ("`strategy = Strategy::`", block("strategy = Strategy::$0,\n#[child]\none = worker,"),
     ["OneForOne", "RestForOne"]),
    ("`strategy = Str`", block("strategy = Str$0,\n#[child]\none = worker,"), ["Strategy"]),
    ("no value of an option yet", child("#[child(restart = $0)]\none = worker"), ["RestartPolicy"]),
    ("no value of a setting yet", block("strategy = $0,\n#[child]\none = worker,"), ["Strategy"]),
    ("no value of a setting with a method yet", block("auto_shutdown = $0,\n#[child]\none = worker,"),
     ["AutoShutdown"]),
    ("value in `backoff(..)`", block(
        "backoff(initial = inb$0),\n#[child]\none = worker,"), ["inbox"]),
    ("key in `#[child(re`", child("#[child(re$0)]\none = worker"), ["restart", "ready_within"]),
    ("key in `#[child(`", child("#[child($0)]\none = worker"), ["restart", "clone", "lend"]),
    ("key behind another", child("#[child(restart = \"transient\", sig$0)]\none = worker"),
     ["significant"]),
    ("key in front of another", child("#[child(sh$0, restart = \"transient\")]\none = worker"),
     ["shutdown"]),
    ("key of a setting", block("str$0\n#[child]\none = worker,"), ["strategy"]),
    ("key of a setting behind another", block("name = \"app\",\nmax$0,\n#[child]\none = worker,"),
     ["max_restarts"]),
    ("no key of a setting yet", block("name = \"app\",\n$0\n#[child]\none = worker,"), ["strategy"]),
    ("no key in an empty block", block("$0"), ["strategy"]),
    ("key in `backoff(..)`", block("backoff(ini$0),\n#[child]\none = worker,"), ["initial"]),
    ("no key in `backoff(..)` yet", block("backoff($0),\n#[child]\none = worker,"), ["initial", "max"]),
    ("key in the `backoff(..)` of a child", child("#[child(backoff(initial = \"1s\", ma$0))]\none = worker"),
     ["max"]),
    ("nested: `ctx.`", nested("#[child]\none = async |ctx| { ctx.$0 },"), CONTEXT),
    ("nested: start of a path", nested("#[child]\none = wor$0,"), ["worker"]),
    ("nested: key of a setting", nested("str$0\n#[child]\none = worker,"), ["strategy"]),
    ("nested: key in `#[child(re`", nested("#[child(re$0)]\none = worker,"), ["restart"]),
    ("`ctx.` in `supervisor!( .. )`", block(
        "#[child]\none = supervisor!(#[child] two = async |ctx| { ctx.$0 }),"), CONTEXT),
    ("`ctx.` beside a wrong word", block(
        "#[child(restart = \"trasient\")]\none = worker,\n#[child]\ntwo = async |ctx| { ctx.$0 },"), CONTEXT),
    ("`ctx.` behind a missing comma", block(
        "#[child]\none = worker\n#[child]\ntwo = async |ctx| { ctx.$0 },"), CONTEXT),
    ("the attribute itself, `#[chi`", child("#[chi$0]\none = worker"), ["child"]),
    ("word in a string", child("#[child(restart = \"tra$0\")]\none = worker"), ["transient"]),
    ("function: `ctx.` in a broken body",
     "#[child]\npub async fn job(ctx: ChildContext) {\n    let a = ;\n    ctx.$0\n}\n", CONTEXT),
    ("function: `.` on an argument",
     "#[child]\npub async fn job(_: ChildContext, database: Db) { database.$0 }\n", ["query"]),
    ("function: type of an argument",
     "#[child]\npub async fn job(_: ChildContext, database: D$0) {}\n", ["Db"]),
    ("function: no type of an argument yet",
     "#[child]\npub async fn job(_: ChildContext, database: $0) {}\n", ["Db"]),
    ("function: type of the context",
     "#[child]\npub async fn job(ctx: Chi$0) {}\n", ["ChildContext"]),
    ("function: `restart = Rest`",
     "#[child(restart = Rest$0)]\npub async fn job(_: ChildContext) {}\n", ["RestartPolicy"]),
    ("function: key in `#[child(re`",
     "#[child(re$0)]\npub async fn job(_: ChildContext) {}\n", ["restart"]),
    ("function: key in `#[child(`", "#[child($0)]\npub async fn job(_: ChildContext) {}\n", ["restart"]),
    ("function: key in `backoff(..)`",
     "#[child(backoff(ini$0))]\npub async fn job(_: ChildContext) {}\n", ["initial"]),
]

OPTIONS = child('#[child(res$0tart = "transient", shutdown = "brutal_kill")]\none = worker')
# Each case is its name, a source with a caret in a token, and texts that the answer must contain.
HOVERS = [
    ("`\"transient\"`", OPTIONS.replace(CARET, "").replace("trans", "trans" + CARET), ["Transient"]),
    ("`\"rest_for_one\"`", block("strategy = \"rest$0_for_one\",\n#[child]\none = worker,"), ["RestForOne"]),
    ("`\"brutal_kill\"`", OPTIONS.replace(CARET, "").replace("brutal", "brutal" + CARET), ["BrutalKill"]),
    ("the start of a child", child("#[child]\none = wor$0ker"), ["Does the work."]),
    ("a name in `clone(..)`", child("#[child(clone(data$0base))]\none = async move |_| drop(database)"), ["Db"]),
    ("a name in `lend(..)`", child("#[child(lend(in$0box))]\none = async move |_| drop(inbox)"), ["Vec<u8>"]),
    ("the key `restart`", OPTIONS, [RESTART]),
    ("the key `strategy`", block("stra$0tegy = \"one_for_all\",\n#[child]\none = worker,"), ["`\"one_for_one\"`"]),
    ("the key `clone`", child("#[child(clo$0ne(database))]\none = async move |_| drop(database)"), ["each cloned"]),
    ("the key `initial`", block("backoff(ini$0tial = \"1s\"),\n#[child]\none = worker,"), ["The first delay"]),
    ("the attribute `child`", child("#[chi$0ld(significant)]\none = worker"), ["Marks the entry"]),
    ("the key of a nested block", nested("with$0in = \"5s\",\n#[child]\none = worker,"), ["window"]),
    ("function: the key `restart`",
     "#[child(res$0tart = \"transient\")]\npub async fn job(_: ChildContext) {}\n", [RESTART]),
    ("function: `\"transient\"`",
     "#[child(restart = \"trans$0ient\")]\npub async fn job(_: ChildContext) {}\n", ["Transient"]),
]

SOURCES = {name: source for name, source, _ in HOVERS}
# Each case is the name of a source above, the file that its token leads to, and a text in the line there.
DEFINITIONS = [
    ("`\"transient\"`", "restart.rs", "Transient"),
    ("`\"rest_for_one\"`", "strategy.rs", "RestForOne"),
    ("`\"brutal_kill\"`", "shutdown.rs", "BrutalKill"),
    ("the start of a child", "case", "fn worker"),
    ("a name in `clone(..)`", "case", "fn app(database"),
    ("a name in `lend(..)`", "case", "fn app(database"),
    ("the key `restart`", "ide.rs", "restart"),
    ("the key `strategy`", "ide.rs", "strategy"),
    ("the attribute `child`", "ide.rs", "child"),
    ("function: the key `restart`", "ide.rs", "restart"),
    ("function: `\"transient\"`", "restart.rs", "Transient"),
]

# The cases that are known to fail, each with the reason.
KNOWN = {
    ("complete", "word in a string"): "nothing is offered inside of a string",
    ("complete", "no value of a setting yet"): "another expression stands in its place",
}


def place(text):
    """The source without its caret, and the position of the caret."""
    before, _, behind = text.partition(CARET)
    line = before.rpartition("\n")[2]
    return before + behind, {"line": before.count("\n"), "character": len(line.encode("utf-16-le")) // 2}


def documentation(item):
    text = item.get("documentation") or ""
    return text["value"] if isinstance(text, dict) else text


def offered(server, at, labels):
    """The fault of the completions, or None."""
    answer = server.ask("textDocument/completion", at) or []
    items = answer["items"] if isinstance(answer, dict) else answer
    found = {}
    for item in items:
        found.setdefault(item["label"].partition("(")[0].strip(), item)
    missing = [label for label in labels if label not in found]
    if missing:
        some = ", ".join(sorted(found)[:6])
        return f"without {', '.join(missing)}: {len(items)} offered{': ' if some else ''}{some}"
    undocumented = [label for label in labels if label in KEYS and not documentation(found[label])]
    return f"{', '.join(undocumented)} without documentation" if undocumented else None


def shown(server, at, texts):
    """The fault of the hover text, or None."""
    answer = server.ask("textDocument/hover", at)
    if not answer:
        return "nothing is shown"
    text = answer["contents"]["value"]
    missing = [part for part in texts if part not in text]
    return f"without {missing[0]!r}: {' '.join(text.split())[:120]}" if missing else None


def leads(server, at, file, text):
    """The fault of the definition, or None."""
    answer = server.ask("textDocument/definition", at) or []
    places = answer if isinstance(answer, list) else [answer]
    seen = []
    for found in places:
        path = Path(unquote(urlparse(found["uri"]).path))
        line = path.read_text().splitlines()[found["range"]["start"]["line"]]
        if file in path.name and text in line:
            return None
        seen.append(f"{path.name}: {line.strip()}")
    return "leads to " + ("; ".join(seen) or "nothing")


def cases(words):
    places = [(name, SOURCES[name], *wanted) for name, *wanted in DEFINITIONS]
    kinds = [("complete", offered, COMPLETIONS), ("hover", shown, HOVERS), ("go to", leads, places)]
    for kind, ask, of_kind in kinds:
        for name, source, *wanted in of_kind:
            if not words or any(word in f"{kind} {name}" for word in words):
                yield kind, name, source, lambda server, at, ask=ask, wanted=wanted: ask(server, at, *wanted)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD")
    words = parser.parse_args().words
    if shutil.which("rust-analyzer") is None or subprocess.run(
            ["rust-analyzer", "--version"], capture_output=True).returncode != 0:
        sys.exit("rust-analyzer is missing: rustup component add rust-analyzer rust-src")
    chosen = list(cases(words))
    if not chosen:
        sys.exit("no case has such a name")
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        (folder / "src").mkdir()
        (folder / "Cargo.toml").write_text(MANIFEST.format(ROOT / "sage-supervisor"))
        # With the lock file of the workspace, the dependencies have the versions of its own builds.
        shutil.copy(ROOT / "Cargo.lock", folder)
        texts = [place(PRELUDE + source) for _, _, source, _ in chosen]
        files = [folder / "src" / f"case_{index}.rs" for index in range(len(texts))]
        for file, (text, _) in zip(files, texts):
            file.write_text(text)
        modules = "".join(f"mod {file.stem};\n" for file in files)
        (folder / "src" / "lib.rs").write_text(modules)
        server = Server(folder, ROOT / "target" / "editor")
        server.start(folder)
        server.wait()
        for (kind, name, _, ask), file, (text, position) in zip(chosen, files, texts):
            document = {"uri": file.as_uri()}
            server.notify("textDocument/didOpen", {"textDocument": {
                **document, "languageId": "rust", "version": 1, "text": text}})
            wrong = ask(server, {"textDocument": document, "position": position})
            known = KNOWN.get((kind, name))
            if wrong and known:
                result = f"no: {known}"
            elif wrong:
                result = f"FAILED: {wrong}"
            else:
                result = "FAILED: this case is in KNOWN, but it is answered" if known else "yes"
            failed += result.startswith("FAILED")
            print(f"{kind:8} | {name:37} | {result}", flush=True)
            server.notify("textDocument/didClose", {"textDocument": document})
        server.end()
    known = sum((kind, name) in KNOWN for kind, name, _, _ in chosen)
    print(f"{len(chosen)} cases, {len(chosen) - failed - known} answered, {known} known to fail, {failed} failed")
    sys.exit(failed)


if __name__ == "__main__":
    main()
