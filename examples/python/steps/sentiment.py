import re

from serve import serve

GOOD = re.compile(r"\b(good|great|love|lovely|excellent)\b", re.IGNORECASE)
BAD = re.compile(r"\b(bad|awful|hate|terrible|broken)\b", re.IGNORECASE)


def judge(comment):
    text = comment["text"]
    score = len(GOOD.findall(text)) - len(BAD.findall(text))
    sentiment = "positive" if score > 0 else "negative" if score < 0 else "neutral"
    return {"text": text, "sentiment": sentiment, "score": score}


serve(judge)
