// The order of the cards in their groups, and of the groups by their first card.

class Order {
  constructor(select, direction, facts, names) {
    this.select = select;
    this.direction = direction;
    const quantities = [...new Set(facts.flatMap(fact => fact.sortable))].sort();
    select.add(new Option("date", "date"));
    select.add(new Option("device and test", "device"));
    if (quantities.length) {
      const list = select.appendChild(document.createElement("optgroup"));
      list.label = "Quantity";
      for (const name of quantities) list.append(new Option(names[name], name));
    }
  }

  // The order that the controls say; another one begins with the newest, or with the smallest.
  told(sort, turned) {
    const [name, down] = [this.select.value, sort.startsWith("-")];
    if (turned) return (down ? "" : "-") + name;
    return (name === "date" ? "-" : "") + name;
  }

  show(sort) {
    const name = sort.replace(/^-/, "");
    this.select.value = [...this.select.options].some(option => option.value === name) ? name : "date";
    const down = sort.startsWith("-");
    const words = { date: ["oldest first", "newest first"], device: ["A to Z", "Z to A"] }[this.select.value];
    this.direction.textContent = (words ?? ["smallest first", "largest first"])[Number(down)];
  }

  sorted(facts, sort) {
    const name = this.select.value;
    const sign = sort.startsWith("-") ? -1 : 1;
    const key = fact => {
      if (name === "date") return fact.date || null;
      if (name === "device") return `${fact.device} ${fact.protocol}`;
      return fact.sortable.includes(name) ? fact.numbers[name][0] : null;
    };
    const newest = (a, b) => b.date.localeCompare(a.date);
    return [...facts].sort((a, b) => {
      const [one, other] = [key(a), key(b)];
      if (one === null || other === null) return (one === null) - (other === null) || newest(a, b);
      if (one === other) return newest(a, b);
      return sign * (one < other ? -1 : 1);
    });
  }
}
