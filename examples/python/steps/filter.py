import re

from serve import serve

UNWANTED = re.compile(r"\b(viagra|casino|lottery)\b", re.IGNORECASE)


def drop_unwanted(comment):
    # No answer ends the request here: its outcome is "filtered".
    return None if UNWANTED.search(comment["text"]) else comment


serve(drop_unwanted)
