"""Cards of materials and fluids: constants, each with its unit, its source and whether it was checked.

Built-in cards are in ``cards.toml`` and ``fluids.toml``; a user's file has the same form.
"""

from materials.card import Card, Constant, Material, MaterialError, known_materials, load_card, load_cards
from materials.fluid import FluidCard

__all__ = [
    "Card",
    "Constant",
    "FluidCard",
    "Material",
    "MaterialError",
    "known_materials",
    "load_card",
    "load_cards",
]
