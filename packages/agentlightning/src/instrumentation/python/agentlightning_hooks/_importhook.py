"""Runs a hook right after a module of interest is executed, whoever imports it and whenever."""

import sys


class _Finder(object):
    """First on `sys.meta_path`: lets the other finders find, and notes which loaders to follow."""

    def __init__(self, package, targets):
        self.package = package
        self.targets = targets
        self._searching = set()

    def find_spec(self, name, path=None, target=None):
        if name not in self.targets or name in self._searching:
            return None
        self._searching.add(name)
        try:
            spec = _find_elsewhere(self, name, path, target)
        finally:
            self._searching.discard(name)
        if spec is not None and spec.loader is not None:
            try:
                self._follow(name, spec.loader)
            except Exception as error:
                _failed(self.package, "following the import of " + name, error)
        return spec

    def _follow(self, name, loader):
        # One loader may serve several modules (a zip file's), and a spec need not be executed.
        execute = loader.exec_module
        held = loader.__dict__
        if isinstance(loader, type):
            raise TypeError("a loader without instances")

        def exec_module(module):
            if held.get("exec_module") is exec_module:
                del held["exec_module"]
            execute(module)
            if getattr(module, "__name__", None) == name:
                self.run(module)

        loader.exec_module = exec_module

    def run(self, module):
        """Runs the hook of a module that is executed."""
        if _finder is not self:
            return
        where, function = self.targets[module.__name__]
        try:
            __import__(self.package + "." + where)
            getattr(sys.modules[self.package + "." + where], function)(module)
        except Exception as error:
            _failed(self.package, "hooking " + module.__name__, error)


_finder = None


def install(package, targets):
    """Starts following imports and hooks what is imported already."""
    global _finder
    if _finder is not None:
        return
    _finder = _Finder(package, targets)
    sys.meta_path.insert(0, _finder)
    for name in targets:
        module = sys.modules.get(name)
        # A module that is being executed right now is left alone: its names may not be there yet.
        if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
            _finder.run(module)


def uninstall():
    """Stops following and takes all patches back."""
    global _finder
    if _finder is None:
        return False
    finder, _finder = _finder, None
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    patches = sys.modules.get(finder.package + "._patch")
    if patches is not None:
        patches.undo_all()
    return True


def installed():
    return _finder is not None


def _find_elsewhere(own, name, path, target):
    for finder in list(sys.meta_path):
        find_spec = getattr(finder, "find_spec", None)
        if finder is own or find_spec is None:
            continue
        spec = find_spec(name, path, target)
        if spec is not None:
            return spec
    return None


def _failed(package, doing, error):
    __import__(package + "._log")
    sys.modules[package + "._log"].failed(doing, error)
