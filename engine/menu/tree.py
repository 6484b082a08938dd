"""The menu itself: what can be done, in the words of an office."""

from __future__ import annotations

from engine.menu.model import Menu
from engine.menu.pages.answering import ANSWERING
from engine.menu.pages.counting import COUNTING
from engine.menu.pages.following import DUE, FOLLOWING
from engine.menu.pages.keeping import KEEPING
from engine.menu.pages.printing import PRINTING
from engine.menu.pages.recording import RECORDING
from engine.menu.pages.register import REGISTER
from engine.menu.pages.rules import RULES

TOP = Menu("春风", (PRINTING, ANSWERING, RECORDING, FOLLOWING, DUE, COUNTING, REGISTER, RULES, KEEPING))
