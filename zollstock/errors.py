"""The one exception a user may see.

Everything a user can cause (a wrong key, an unreadable file, too few images) is
raised as `ZollstockError`; scripts print its message and exit 1 without a traceback.
"""


class ZollstockError(Exception):
    """A mistake that the user can mend.

    Parameters
    ----------
    where
        The file, config key or argument that is wrong.
    found
        What stands there.
    expected
        What was expected instead.
    fix
        The next step for the user.
    """

    def __init__(self, where: object, found: str, expected: str, fix: str) -> None:
        self.where = str(where)
        self.found = found
        self.expected = expected
        self.fix = fix
        super().__init__(f"{self.where}: {found}; expected {expected}. {fix}")
