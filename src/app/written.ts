/**
 * The texts of an app's entry that contain `${NAME}`, with their values. Screens, logs and results show `${NAME}`. A
 * file in a pull request must not reveal the values in the job's environment.
 */
export class Written {
  readonly #fields = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  /**
   * @param field the field's path without numbers, such as `oauth.callbackUrls`
   * @param value as the app has it
   * @param text as the file writes it
   */
  note(field: string, value: unknown, text: string): void {
    this.#fields.set(keyOf(field, value), text);
    this.noteText(String(value), text);
  }

  /** @param The value of a variable, or a value that contains the variable. */
  noteText(value: string, text: string): void {
    if (!this.#texts.has(value)) this.#texts.set(value, text);
  }

  /** A field's value, a group of fields, or a list of values, as the file writes them. */
  value<T>(value: T, field: string): T {
    return this.#valueOf(value, field) as T;
  }

  #valueOf(value: unknown, field: string): unknown {
    if (this.#fields.size === 0) return value;
    if (Array.isArray(value)) return value.map((item: unknown) => this.#valueOf(item, field));
    if (typeof value !== 'object' || value === null) return this.#fields.get(keyOf(field, value)) ?? value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, this.#valueOf(part, field === '' ? key : `${field}.${key}`)]),
    );
  }

  /** A value that a message quotes, also a shortened value. */
  quoted(text: string): string {
    const cut = text.endsWith('…') ? text.slice(0, -1) : undefined;
    for (const [value, written] of this.#texts) {
      if (value === text || (cut !== undefined && value.startsWith(cut))) return written;
    }
    return this.text(text);
  }

  /**
   * A text that may contain values, for example a text from the org. Short values are replaced only as whole words; the
   * shortest are not replaced at all.
   */
  text(text: string): string {
    return [...this.#texts]
      .filter(([value]) => value.length >= LEAST_LENGTH && text.includes(value))
      .sort(([a], [b]) => b.length - a.length)
      .reduce((shown, [value, written]) => {
        if (value.length >= ANYWHERE_LENGTH) return shown.replaceAll(value, () => written);
        return shown.replaceAll(
          new RegExp(`(?<!\\w)${value.replaceAll(/[^\w\s]/g, String.raw`\$&`)}(?!\\w)`, 'g'),
          () => written,
        );
      }, text);
  }
}

const LEAST_LENGTH = 4;
const ANYWHERE_LENGTH = 8;

const keyOf = (field: string, value: unknown): string => `${field}=${String(value)}`;
