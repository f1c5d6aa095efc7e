"""Google's API, and Vertex AI's paths of it: generateContent and what belongs to it, and interactions."""

from . import generate, interactions

ROUTES = [*generate.ROUTES, *interactions.ROUTES]
error = generate.error

__all__ = ["ROUTES", "error"]
