"""Material cards: elastic constants and strengths, each with its unit, its source and whether it was checked.

Built-in cards are in ``cards.toml``; a user's file has the same form.
"""

from materials.card import Constant, Material, MaterialError, known_materials, load_card, load_cards

__all__ = ["Constant", "Material", "MaterialError", "known_materials", "load_card", "load_cards"]
