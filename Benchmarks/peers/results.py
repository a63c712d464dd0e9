"""Results as Markdown, with the machine named."""

import datetime
import os
import pathlib
import platform


def hardware():
    """What the figures were measured on, in a few words."""
    info = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in info if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    vectors = "AVX-512" if "avx512f" in fields.get("flags", "") else "AVX2"
    # The name alone may say little: a virtual machine hides the model.
    return (
        f"{fields.get('model name', platform.processor())} (family {fields.get('cpu family')}, model "
        f"{fields.get('model')}, {vectors}), {os.cpu_count()} cores, {memory:.0f} GiB")


def machine(threads):
    """One paragraph about what the figures were measured on, beside PyTorch."""
    import torch

    return (
        f"{hardware()}; {threads} threads on both sides; PyTorch {torch.__version__} with oneDNN and MKL. "
        f"{datetime.date.today()}.")


class Table:
    """Rows under a heading."""

    def __init__(self, title, about, columns):
        self.title, self.about, self.columns, self.rows = title, about, columns, []

    def row(self, *cells):
        self.rows.append([str(cell) for cell in cells])
        print("  ".join(self.rows[-1]), flush=True)

    def markdown(self):
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return f"## {self.title}\n\n{self.about}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


class Report:
    """What a run of the benchmarks has to say."""

    def __init__(self, title, target, machine, only):
        self.title, self.target, self.machine, self.only = title, target, machine, only
        self.remarks, self.tables = [], []

    def wants(self, name):
        """Whether a work was asked for; all are where none is named."""
        return not self.only or any(name.startswith(prefix) for prefix in self.only)

    def say(self, remark):
        self.remarks.append(remark)
        print(remark, flush=True)

    def table(self, title, about, columns):
        self.tables.append(Table(title, about, columns))
        print(f"\n== {title}", flush=True)
        return self.tables[-1]

    def write(self, path):
        parts = [f"# {self.title}", f"Written by `make {self.target}`; medians of runs in turns.", self.machine]
        parts += ([" ".join(self.remarks)] if self.remarks else []) + [t.markdown() for t in self.tables if t.rows]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(parts) + "\n")
