"""Web addresses, asked one question at a time: within a time limit, and not at private addresses.

    Question → Client → Answer

What to ask, whether to follow a redirect and when to ask again is the caller's.
"""

from feeds.http.client import USER_AGENT, Answer, Client, Fault, Question, host_of

__all__ = ["USER_AGENT", "Answer", "Client", "Fault", "Question", "host_of"]
