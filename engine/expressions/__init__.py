"""The condition language: parse, type-check, evaluate three-valued, explain, and say in Chinese.

condition = parse("any(answer, reading < 2 or reading > 8)")
types, problems = check(condition, scope)
evaluate(condition, facts)   -> True, False or None (unknown)
say(condition, scope)        -> 任一读数小于 2 ℃ 或大于 8 ℃
"""
