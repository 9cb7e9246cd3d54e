// What a person searches for: words that must all be there, and conditions such as neck_diameter=12 or mass<120.

const SIGNS = {
  "=": (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)),
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

class Query {
  constructor(text) {
    this.words = [];
    this.conditions = [];
    const close = text.toLowerCase().replace(/\s*(<=|>=|[=<>])\s*/g, "$1");
    for (const term of close.split(/\s+/).filter(Boolean)) {
      const found = /^([^=<>]+)(<=|>=|[=<>])([^=<>]+)$/.exec(term);
      if (found) this.conditions.push({ name: found[1].replaceAll("-", "_"), sign: found[2], wanted: found[3] });
      else this.words.push(term);
    }
  }

  matches(fact) {
    return this.words.every(word => fact.text.includes(word))
      && this.conditions.every(condition => this.#holds(condition, fact.numbers));
  }

  // A name in full is that name alone; a part of one may be any that has it.
  #holds({ name, sign, wanted }, numbers) {
    const names = name in numbers ? [name] : Object.keys(numbers).filter(each => each.toLowerCase().includes(name));
    return names.some(each => this.#fits(numbers[each], sign, wanted));
  }

  #fits([value, unit], sign, wanted) {
    if (typeof value === "string") return sign === "=" && value.toLowerCase().includes(wanted);
    const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(.*)$/.exec(wanted);
    if (!found || (found[2] && found[2] !== unit.toLowerCase())) return false;
    return SIGNS[sign](value, Number(found[1]));
  }
}
