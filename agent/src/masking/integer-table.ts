/** Rows of small whole numbers, by far smaller than as objects. */
export class IntegerTable {
  readonly #columns: number;
  #cells: Int32Array;
  #rows = 0;

  constructor(columns: number) {
    this.#columns = columns;
    this.#cells = new Int32Array(columns * 256);
  }

  /** @returns the number of the new row */
  add(...values: number[]): number {
    const at = this.#rows * this.#columns;
    if (at === this.#cells.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.#cells);
      this.#cells = grown;
    }
    for (let column = 0; column < values.length; column++)
      this.#cells[at + column] = values[column] as number;
    return this.#rows++;
  }

  get(row: number, column: number): number {
    return this.#cells[row * this.#columns + column] as number;
  }

  set(row: number, column: number, value: number): void {
    this.#cells[row * this.#columns + column] = value;
  }
}
