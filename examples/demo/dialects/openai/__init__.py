"""OpenAI's API, and Azure's paths of it: a file for what answers with text, one for pictures, sound and vectors, one
for what is kept on the server."""

from . import chat, completions, media, responses, stored
from .shape import error

TABLES = [chat, completions, responses, media, stored]
ROUTES = [known for table in TABLES for known in table.ROUTES]

__all__ = ["ROUTES", "error"]
