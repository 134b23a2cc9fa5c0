"""A hash of the code that a run reaches: it changes when the result can change, and only then.

Read from the syntax tree, without running anything. From a function on, every definition of this package that it names
is reached, and every one that those name. What enters the hash is each definition's tree without docstrings, comments,
type annotations and the wording of errors, in the order of reaching; a reference enters as the number of what it means.
So no file, module or function name counts: code may be moved, renamed and commented, and no row grows old by it.

What reading cannot resolve counts as much as it could mean, its whole module: a decorator of this package, a base class
of this package, a base class that is computed, `getattr` with a computed name, a module that is handed on as a value.
A table of functions counts with all of its functions. A loader whose result is compared with a checksum counts by it
(`pinned`).
"""

import ast
import functools
import hashlib
import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
LOOKS_UP = {"getattr", "vars", "globals", "locals", "eval", "exec", "__import__", "import_module"}
SHOW_EMPTY = {"show_empty": True} if sys.version_info >= (3, 13) else {}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def pinned(checksum: str) -> Callable:
    """A mark for a loader that compares what it returns with `checksum`: that counts, in place of the loader's code."""
    return lambda load: load


@cache
def code_hash(function: Callable) -> str:
    """16 hexadecimal digits of all that a function of the package reaches, as its files were when it was first asked.

    A partial function counts with its arguments. Raises TypeError for a function that stands within another.
    """
    reading = _Reading()
    reading.begin(function)
    return hashlib.sha256("\n".join(reading.trees()).encode()).hexdigest()[:16]


# ---- files and what they import ------------------------------------------------------------------------------------


def module_file(module: str) -> Path | None:
    """The file of a module of this package; None for every other module and for names that are no module."""
    first, *rest = module.split(".")
    if first != PACKAGE.name:
        return None
    for candidate in (PACKAGE.joinpath(*rest).with_suffix(".py"), PACKAGE.joinpath(*rest, "__init__.py")):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(source: str) -> set[str]:
    """Every module name that `source` imports, inside functions too; `from a import b` counts `a` and `a.b`."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        for module, attribute in _imports(node).values():
            names.update({module, f"{module}.{attribute}"} if attribute else {module})
    return names


# ---- one module, read ----------------------------------------------------------------------------------------------


@dataclass
class _Module:
    """The top level of a file: what each name means."""

    name: str
    definitions: dict[str, ast.stmt] = field(default_factory=dict)  # function, class or assignment
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # local name -> module, attribute
    statements: list[ast.stmt] = field(default_factory=list)  # what else runs on import

    def read(self, body: list[ast.stmt]) -> "_Module":
        for node in body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.imports |= _imports(node)
            elif names := _bound_names(node):
                self.statements += [self.definitions[name] for name in names if name in self.definitions]  # bound twice
                self.definitions |= dict.fromkeys(names, node)
            elif not (_is_docstring(node) or _is_script(node)):
                self.statements.append(node)
                for inner in ast.walk(node):
                    self.imports |= _imports(inner)
        return self


@cache
def _module(file: Path, modified: int, name: str) -> _Module:
    return _Module(name).read(ast.parse(file.read_text(encoding="utf-8")).body)


@cache
def _pickled(node: ast.stmt) -> bytes:
    """Reading this back copies a tree several times faster than `copy.deepcopy`."""
    return pickle.dumps(node)


def _imports(node: ast.AST) -> dict[str, tuple[str, str | None]]:
    """What an import statement binds: local name -> (module, attribute of it or None)."""
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: (alias.name if alias.asname else alias.name.split(".")[0], None)
            for alias in node.names
        } | {alias.name: (alias.name, None) for alias in node.names if not alias.asname}
    return {}


def _bound_names(node: ast.stmt) -> list[str]:
    """The names that a definition binds; none where it also changes something else, as `TABLE["a"] = f` does."""
    if isinstance(node, DEFINITIONS):
        return [node.name]
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in getattr(target, "elts", [target])]
    return [part.id for part in parts] if all(isinstance(part, ast.Name) for part in parts) else []


def _place(node: ast.stmt, name: str) -> str:
    """Which of the values an assignment such as `A, B = 1, 2` gives to a name; "" where there is one for all."""
    in_order = isinstance(node, ast.Assign) and any(hasattr(target, "elts") for target in node.targets)
    return f"{_bound_names(node).index(name)} of " if in_order else ""


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_script(node: ast.stmt) -> bool:
    """Whether a statement runs only where the file is a script."""
    return isinstance(node, ast.If) and ast.unparse(node.test).startswith("__name__")


def _dump(tree: ast.AST) -> str:
    """A tree as text, the same on every Python: 3.12 has a field more, 3.13 leaves out lists that are empty."""
    for node in ast.walk(tree):
        if getattr(node, "type_params", None) == []:
            del node.type_params
    return ast.dump(tree, annotate_fields=False, **SHOW_EMPTY)


# ---- what is reached -----------------------------------------------------------------------------------------------


class _Reading:
    """Definitions in the order in which they are reached; (module, name) -> its number. Name "" is a whole module."""

    def __init__(self):
        self.numbers: dict[tuple[str, str], int] = {}
        self.roots: list[str] = []

    def begin(self, function: Callable) -> None:
        """Start from a function, and from what it was partially given."""
        while isinstance(function, functools.partial):
            for name, argument in [*enumerate(function.args), *function.keywords.items()]:
                if callable(argument):
                    self.begin(argument)
                else:
                    self.roots.append(f"{name} {argument!r}")
            function = function.func
        if module_file(function.__module__) is None:  # somebody's own study: its text, nothing says what it reaches
            self.roots.append(inspect.getsource(function))
        elif function.__qualname__.isidentifier():
            self.roots.append(self.reach(function.__module__, function.__qualname__))
        else:
            raise TypeError(f"{function!r} is not defined at the top level of its module, so its code cannot be read.")

    def reach(self, module: str, name: str) -> str:
        """Note that a definition is needed; what stands for it in the tree of whoever names it."""
        number = self.numbers.setdefault((module, name), len(self.numbers))
        return f"§{number}"

    def trees(self) -> list[str]:
        """The tree of everything reached, as text, in order."""
        texts, done, run_on_import = list(self.roots), 0, set()
        while done < len(self.numbers):
            module, name = list(self.numbers)[done]
            done += 1
            read = self.module(module)
            if name == "":
                for each in read.definitions:
                    self.reach(module, each)
            else:
                node = read.definitions[name]
                texts.append(_place(node, name) + self.tree(read, node))
            if module not in run_on_import:  # whatever a module does on import, it does for each of its definitions
                run_on_import.add(module)
                texts += [self.tree(read, node) for node in read.statements]
        return texts

    def module(self, name: str) -> _Module:
        file = module_file(name)
        return _module(file, file.stat().st_mtime_ns, name)

    def tree(self, module: _Module, node: ast.stmt) -> str:
        for decorator in getattr(node, "decorator_list", []):
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).split(".")[-1] == "pinned":
                return f"pinned {_Normal(self, module, decorator).text()}"
        return _Normal(self, module, node).text()

    def meaning(self, module: str, attribute: str | None) -> str | None:
        """What an imported name means: a definition's number, "module …" of the package, or None for other libraries.

        A name that a module only imports itself is followed to where it is defined.
        """
        if module.split(".")[0] != PACKAGE.name or module == __name__ or f"{module}.{attribute}" == __name__:
            return None  # hashing is no part of a result
        if attribute is None:
            return f"module {module}"
        if module_file(f"{module}.{attribute}"):
            return f"module {module}.{attribute}"
        read = self.module(module)
        if attribute in read.definitions:
            return self.reach(module, attribute)
        if attribute in read.imports:
            return self.meaning(*read.imports[attribute]) or ".".join(filter(None, read.imports[attribute]))
        return self.reach(module, "")  # bound in a way that reading does not see


class _Normal(ast.NodeTransformer):
    """One definition's tree with references resolved and words left out."""

    def __init__(self, reading: _Reading, module: _Module, node: ast.AST):
        self.reading, self.module, self.node = reading, module, pickle.loads(_pickled(node))
        inner = list(ast.walk(self.node))
        self.imports = dict(module.imports)
        for each in inner:
            self.imports |= _imports(each)
        stored = {each.id for each in inner if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)}
        self.local = stored | {each.arg for each in inner if isinstance(each, ast.arg)}

    def text(self) -> str:
        if isinstance(self.node, DEFINITIONS):
            for decorator in self.node.decorator_list:
                root = decorator.func if isinstance(decorator, ast.Call) else decorator
                if self.of_package(root):
                    self.reading.reach(self.module.name, "")
        normal = self.visit(self.node)
        if isinstance(normal, DEFINITIONS):
            normal.name = ""
        if isinstance(normal, (ast.Assign, ast.AnnAssign)):
            normal = normal.value or ast.Constant(None)
        return _dump(normal)

    def of_package(self, node: ast.AST) -> bool:
        """Whether an expression names something of this package."""
        resolved = self.resolve(node)
        return resolved is not None and resolved.startswith(("§", "module "))

    def resolve(self, node: ast.AST) -> str | None:
        """What a name or a chain of attributes means: a number, a module of the package, another library's full name.

        None for what is local, built in, or an attribute of a value.
        """
        if isinstance(node, ast.Name):
            if node.id in self.module.definitions:
                return self.reading.reach(self.module.name, node.id)
            if node.id in self.imports:
                module, attribute = self.imports[node.id]
                return self.reading.meaning(module, attribute) or ".".join(filter(None, (module, attribute)))
            return None
        if isinstance(node, ast.Attribute) and (of := self.resolve(node.value)):
            if of.startswith("module "):
                return self.reading.meaning(of.removeprefix("module "), node.attr)
            return None if of.startswith("§") else f"{of}.{node.attr}"
        return None

    def whole(self, module: str) -> str:
        return self.reading.reach(module, "")

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load) or (resolved := self.resolve(node)) is None or node.id in self.local:
            return node  # a local name that is a definition's too: that is reached, to be safe
        if resolved.startswith("module "):  # handed on as a value: anything in it may be used
            resolved = self.whole(resolved.removeprefix("module "))
        return ast.Name(resolved, ast.Load())

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        resolved, root = self.resolve(node), node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id in self.local:
            return node
        return ast.Name(resolved, ast.Load()) if resolved else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        looks_up = isinstance(node.func, ast.Name) or ast.unparse(node.func) == "importlib.import_module"
        looks_up &= ast.unparse(node.func).split(".")[-1] in LOOKS_UP
        if looks_up and not (len(node.args) > 1 and isinstance(node.args[1], ast.Constant)):
            resolved = self.resolve(node.args[0]) if node.args else None
            if resolved and resolved.startswith("module "):
                self.whole(resolved.removeprefix("module "))
            elif resolved is None or resolved.startswith("§"):  # not another library's
                self.whole(self.module.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        for base in node.bases:
            resolved = self.resolve(base)
            if self.of_package(base) or resolved is None and not isinstance(base, ast.Name):
                self.whole(self.module.name)
        return self.visit_FunctionDef(node)

    def visit_FunctionDef(self, node):
        node.returns = None
        node.body = [each for each in node.body if not _is_docstring(each)] or [ast.Pass()]
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        special = any(word in ast.unparse(node.annotation) for word in ("ClassVar", "InitVar", "KW_ONLY"))
        node.annotation = ast.Constant(special)
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if isinstance(node.exc, ast.Call):
            node.exc, node.cause = self.visit(node.exc.func), None
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        node.msg = None
        return self.generic_visit(node)

    def visit_Import(self, node) -> ast.stmt:
        return ast.Pass()

    visit_ImportFrom = visit_Import
