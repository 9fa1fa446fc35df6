#!/usr/bin/env python3
"""Measures the cost of the macros at compile time.

    python3 tools/compile_cost.py [ROUNDS] [--only SHAPE] [--check]

The tool compiles the same children twice in turn with `rustc --emit=metadata`: built by hand, and
declared with `supervisor!`. Each row of the table is a shape of children, a number of them, the medians of
the processor time in seconds, and the ratio. With `--check` the tool fails if a ratio exceeds the limit. The
tool also times a clean build of the macro crate. ROUNDS is 9 by default.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 100, 1_000)
LIMIT = 1.15

HEAD = """
#![allow(unused_imports, dead_code, reason = "each form needs some of them")]
use sage_supervisor::{BoxError, ChildContext, ChildSpec, RestartConfig, RestartPolicy};
use sage_supervisor::{Shutdown, Strategy, Supervisor, supervisor};
#[derive(Clone)]
pub struct Db;
pub async fn worker(ctx: ChildContext) { ctx.cancelled().await; }
pub async fn serve(ctx: ChildContext, _: Db) -> std::io::Result<()> { ctx.cancelled().await; Ok(()) }
pub async fn work(ctx: ChildContext) -> std::io::Result<()> { ctx.cancelled().await; Ok(()) }
pub fn app(db: &Db) -> Supervisor {
"""
BY_HAND = (
    ".restart(RestartPolicy::Transient)"
    ".shutdown(Shutdown::Timeout(std::time::Duration::from_secs(2)))"
)
DECLARED = 'restart = "transient", shutdown = "2s"'

# Each shape: a child by hand, its attribute, and its start in a block.
SHAPES = {
    "functions": (
        'ChildSpec::new("c{n}", worker)' + BY_HAND,
        f"#[child({DECLARED})]",
        "worker",
    ),
    "closures": (
        'ChildSpec::new("c{n}", async |ctx| { ctx.cancelled().await; })' + BY_HAND,
        f"#[child({DECLARED})]",
        "async |ctx| { ctx.cancelled().await; }",
    ),
    "closures with a `?`": (
        'ChildSpec::new("c{n}", async |ctx| { work(ctx).await?; Ok::<(), BoxError>(()) })' + BY_HAND,
        f"#[child({DECLARED})]",
        "async |ctx| { work(ctx).await?; Ok(()) }",
    ),
    "closures with `clone`": (
        'ChildSpec::new("c{n}", { let db = db.clone(); move |ctx| { let db = db.clone(); '
        "async move { serve(ctx, db).await } } })" + BY_HAND,
        f"#[child({DECLARED}, clone(db))]",
        "async move |ctx| serve(ctx, db).await",
    ),
}


def by_hand(shape, children):
    child = SHAPES[shape][0]
    lines = ["    Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children(["]
    lines += [f"        {child.replace('{n}', str(n))}," for n in range(children)]
    return HEAD + "\n".join([*lines, "    ])", "}"])


def declared(shape, children):
    _, attribute, start = SHAPES[shape]
    lines = ["    supervisor! {"]
    lines += [f"        {attribute} c{n} = {start}," for n in range(children)]
    return HEAD + "\n".join([*lines, "    }", "}"])


def processor_seconds(command):
    """Runs a command, and returns its processor time, which other programs disturb less than the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds(command, **options):
    started = time.perf_counter()
    subprocess.run(command, check=True, **options)
    return time.perf_counter() - started


def library():
    """Builds the runtime crate, and returns the paths of the library and of its dependencies."""
    build = ["cargo", "build", "-p", "sage-supervisor", "--message-format=json"]
    output = subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        message = json.loads(line)
        target = message.get("target", {}).get("name")
        if message["reason"] == "compiler-artifact" and target == "sage_supervisor":
            rlib = next(Path(name) for name in message["filenames"] if name.endswith(".rlib"))
            return rlib, rlib.parent if rlib.parent.name == "deps" else rlib.parent / "deps"
    raise SystemExit("cargo has not reported the path of sage-supervisor")


def compare(folder, shapes, rounds):
    """Prints the table, and returns its greatest ratio."""
    rlib, dependencies = library()
    worst = 0.0
    print("| shape | children | by hand | declared | ratio |\n|---|---|---|---|---|")
    for shape in shapes:
        for size in SIZES:
            files = {"by hand": by_hand(shape, size), "declared": declared(shape, size)}
            times = {name: [] for name in files}
            for name, text in files.items():
                (folder / f"{name.split()[0]}.rs").write_text(text)
            for turn in range(rounds + 1):
                for name in files:
                    took = processor_seconds(
                        ["rustc", "--edition", "2024", "--crate-type", "lib", "--emit=metadata",
                         "--extern", f"sage_supervisor={rlib}", "-L", f"dependency={dependencies}",
                         "-o", folder / "out.rmeta", folder / f"{name.split()[0]}.rs"]
                    )
                    # The first round warms the caches and is not counted.
                    if turn:
                        times[name].append(took)
            hand, macro = (statistics.median(times[name]) for name in files)
            # The ratios are those of pairs that ran directly after each other, under the same load.
            ratio = statistics.median(m / h for h, m in zip(*times.values()))
            worst = max(worst, ratio)
            print(f"| {shape} | {size:,} | {hand:.3f} s | {macro:.3f} s | {ratio:.2f} |", flush=True)
    return worst


def clean_build(folder, rounds):
    """Times a build of the macro crate and its dependencies in an empty target directory."""
    times = []
    target = folder / "target"
    for _ in range(rounds):
        shutil.rmtree(target, ignore_errors=True)
        command = ["cargo", "build", "--quiet", "-p", "sage-supervisor-macros"]
        times.append(seconds(command, cwd=ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(target)}))
    print(f"clean build of the macro crate: {statistics.median(times):.2f} s")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=9, metavar="ROUNDS")
    parser.add_argument("--only", choices=SHAPES, metavar="SHAPE", help="; ".join(SHAPES))
    parser.add_argument("--check", action="store_true", help=f"fail above a ratio of {LIMIT}")
    arguments = parser.parse_args()
    shapes = [arguments.only] if arguments.only else SHAPES
    with tempfile.TemporaryDirectory() as folder:
        worst = compare(Path(folder), shapes, arguments.rounds)
        if arguments.check and worst > LIMIT:
            raise SystemExit(f"a declared tree takes {worst:.2f} times as long as by hand, at most {LIMIT}")
        if not arguments.only:
            clean_build(Path(folder), min(arguments.rounds, 3))


if __name__ == "__main__":
    main()
