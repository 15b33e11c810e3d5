"""The one exception that a user is meant to read."""


class UserError(Exception):
    """Something the user can put right: a file, a key, a missing data set.

    The message is one line that names the file or key and the remedy. The
    command lines print it alone and exit with code 2; see ``zoo.cli``.

    Example:
        >>> from zoo.errors import UserError
        >>> UserError('a.jpg: not an image. Replace it').line
        'a.jpg: not an image. Replace it'
    """

    @property
    def line(self) -> str:
        """The message; where a loading process raised it, without its trace.

        torch sends an error of a worker on as the text of its traceback.
        """
        return str(self).rsplit('UserError: ', 1)[-1].strip()
