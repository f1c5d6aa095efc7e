"""What the demo server answers: one file for each dialect of the AI APIs, each with a table ROUTES and a way to word
an error. The first route that matches answers; where two dialects share a path, a header tells them apart."""

from . import a2a, anthropic, bedrock, cohere, google, mcp, ollama, openai

ALL = [anthropic, google, bedrock, cohere, ollama, mcp, a2a, openai]
OTHERWISE = openai  # words the error of a path that no dialect knows
