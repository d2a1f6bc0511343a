"""What a browser fetches by itself when it opens a page."""

import re
from html.parser import HTMLParser

_IN_CSS = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s]+)""")
# An address is a string of its own there; names of namespaces are fetched by nobody.
_IN_SCRIPT = re.compile(r"""["'`]((?:https?:|wss?:)?//(?!www\.w3\.org/)[\w.-]+\.[^"'`]*)""")


def from_elsewhere(address):
    """Whether an address lies on another machine."""
    return bool(re.match(r"\s*([a-z][a-z0-9+.-]*:)?//", address, re.IGNORECASE))


def of_style(text):
    """Addresses that a style sheet loads."""
    return _IN_CSS.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def of_script(text):
    """Addresses of other machines that a script names."""
    return _IN_SCRIPT.findall(text)


class Page(HTMLParser):
    """Addresses that a page loads by itself, its links and its elements."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links, self.tags = [], [], []
        self.within = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = {key: value or "" for key, value in attributes}
        self.tags.append(tag)
        self.within = tag
        if tag == "a":
            self.links.append(found.get("href", ""))
            return
        keys = ("src", "href", "data", "poster", "xlink:href", "background")
        self.loaded += [found[key] for key in keys if key in found]
        self.loaded += re.findall(r"(?:^|,)\s*(\S+)", found.get("srcset", ""))
        self.loaded += of_style(found.get("style", ""))
        if tag == "meta" and found.get("http-equiv", "").lower() == "refresh":
            self.loaded += re.findall(r"url=(.*)", found.get("content", ""), re.IGNORECASE)
        for key, value in found.items():
            if key.startswith("on"):
                self.loaded += of_script(value)

    def handle_data(self, data):
        if self.within == "style":
            self.loaded += of_style(data)
        elif self.within == "script":
            self.loaded += of_script(data)

    def handle_endtag(self, tag):
        self.within = ""

    @property
    def elsewhere(self):
        """What is loaded from other machines."""
        return [address for address in self.loaded if from_elsewhere(address)]
