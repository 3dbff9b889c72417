"""What tests of several screens do."""


def html(at):
    """Return what a screen holds as HTML."""
    return " ".join(str(element.proto.body) for element in at.get("html"))
