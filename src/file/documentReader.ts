import { type Alias, type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';

import type { Wish } from '../app/app.ts';
import { parseFlow } from '../app/flows.ts';
import type { IntegrationUser } from '../app/integrationUser.ts';
import { nearest } from '../app/nearest.ts';
import { isProblem, type Problem, quotable, withValues } from '../app/problem.ts';
import { parseScope } from '../app/scopes.ts';
import { Written } from '../app/written.ts';
import { STANDARD_INPUT } from '../local/input.ts';
import type { AppInFile, FileContent, FileProblem, Place } from './ecaFile.ts';
import { offsetOfItem } from './fieldPlaces.ts';
import { APP_SHAPE, type Kind, misplaced, type Shape } from './shape.ts';
import { fillIn, looksSecret } from './variables.ts';

/** The variables of the environment, by name. */
export type Environment = Record<string, string | undefined>;

/** Aliases can make a small file mean a huge one; no honest file has so many values. */
const VALUES_MAX = 200_000;

/** One anchor for a few values that many apps share is usual; thousands of aliases are not. */
const ALIASES_MAX = 1000;

/** Nobody reads more of them. */
const PROBLEMS_MAX = 1000;

type Found = { [key: string]: unknown };

/** Reads one document: gathers values and problems on its way down. */
export class DocumentReader {
  readonly #document: Document.Parsed;
  readonly #text: string;
  readonly #place: (offset: number) => Place;
  readonly #environment: Environment;
  readonly #allowed: string[];
  readonly #problems: FileProblem[] = [];
  readonly #allWritten: Written[] = [];
  /** What the app that is being read writes with variables. */
  #written = new Written();
  readonly #targets = new Map<Alias, Node | undefined>();
  /** The nodes around the one that is being read: an alias to one of them would go round in circles. */
  readonly #around = new Set<Node>();
  #values = 0;

  public constructor(
    document: Document.Parsed,
    text: string,
    place: (offset: number) => Place,
    environment: Environment,
    allowed: string[],
  ) {
    this.#document = document;
    this.#text = text;
    this.#place = place;
    this.#environment = environment;
    this.#allowed = allowed;
  }

  public read(): FileContent {
    this.#survey(this.#document.contents, new Map());
    if (this.#targets.size > ALIASES_MAX) {
      const first = [...this.#targets.keys()][ALIASES_MAX];
      this.#problem(first, { code: 'file.tooManyAliases', values: [String(ALIASES_MAX)] });
      return { apps: [], problems: this.#problems };
    }
    const apps = this.#readFile(this.#document.contents);
    const quoted = (value: string): string => this.#allWritten.reduce((shown, written) => written.quoted(shown), value);
    const problems = this.#problems.slice(0, PROBLEMS_MAX).map((problem) => withValues(problem, quoted));
    return { apps, problems };
  }

  /**
   * Goes once through the whole document, in its order. It finds keys that are there twice. It finds what
   * each alias stands for: the last anchor of its name before it. The library would go through the document again for each alias.
   */
  #survey(node: unknown, anchors: Map<string, Node>): void {
    if (isPair(node)) {
      this.#survey(node.key, anchors);
      this.#survey(node.value, anchors);
    } else if (isAlias(node)) {
      this.#targets.set(node, anchors.get(node.source));
    } else if (isScalar(node) || isMap(node) || isSeq(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isScalar(node)) return;
      if (isMap(node)) this.#refuseKeysTwice(node.items.map(({ key }) => key as Node | null));
      for (const item of node.items) this.#survey(item, anchors);
    }
  }

  #refuseKeysTwice(keys: Array<Node | null>): void {
    const seen = new Set<unknown>();
    for (const key of keys.filter((one) => isScalar(one))) {
      if (seen.has(key.value) && key.value !== '<<') this.#problem(key, { code: 'file.keyTwice', values: [] });
      seen.add(key.value);
    }
  }

  #problem(node: Node | null | undefined, problem: Problem): undefined {
    this.#problemAt(node?.range?.[0] ?? 0, problem);
  }

  #problemAt(offset: number, problem: Problem): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push({ ...this.#place(offset), ...problem });
    // Each problem takes time, and nobody reads all of so many.
    else this.#values = VALUES_MAX;
  }

  /** A key's text. A key that is a group or a list is named as the file writes it. The library would repeat what is in it. */
  #keyName(key: Node | null): string {
    if (isScalar(key)) return String(key.value);
    const [start, end] = key?.range ?? [0, 0];
    return this.#text.slice(start, end);
  }

  #readFile(root: Node | null): AppInFile[] {
    if (root === null || (isScalar(root) && root.value === null)) {
      this.#problem(root, { code: 'file.empty', values: [] });
      return [];
    }
    if (!isMap(root)) {
      this.#problem(root, { code: isSeq(root) ? 'file.listAtTop' : 'file.noGroupAtTop', values: [] });
      return [];
    }
    for (const { key } of root.items) {
      const name = this.#keyName(key as Node);
      if (name === 'apps') continue;
      const appKey = Object.hasOwn(APP_SHAPE, name);
      if (appKey) this.#problem(key as Node, { code: 'file.appKeyAtTop', values: [quotable(name)] });
      else this.#problem(key as Node, { code: 'file.keyAtTop', values: [quotable(name)] });
    }
    const apps = root.items.find(({ key }) => this.#keyName(key as Node) === 'apps');
    if (!apps) {
      if (this.#problems.length === 0) this.#problem(root, { code: 'file.appsMissing', values: [] });
      return [];
    }
    return this.#readApps(apps);
  }

  #readApps({ key, value }: Pair): AppInFile[] {
    const list = this.#resolve(value as Node | null);
    if (list === undefined) return [];
    if (isEmpty(list)) {
      this.#problem(key as Node, { code: 'file.appsEmpty', values: [] });
      return [];
    }
    if (!isSeq(list)) {
      this.#problem(list, { code: 'file.appsNoList', values: [] });
      return [];
    }
    this.#around.add(list);
    return list.items.flatMap((item) => this.#readApp(item as Node) ?? []);
  }

  #readApp(item: Node): AppInFile | undefined {
    const offsets = new Map<string, number>();
    const start = item.range?.[0] ?? 0;
    const written = new Written();
    this.#written = written;
    this.#allWritten.push(written);
    const found = this.#readGroup(item, APP_SHAPE, '', offsets);
    if (!found) return undefined;
    const { absent, integrationUser, ...said } = found;
    if (!('name' in said)) {
      // A name that is there and no text has been complained of already.
      if (!offsets.has('name')) this.#problemAt(start, { code: 'file.nameMissing', values: [] });
      return undefined;
    }
    if (String(said.name).trim() === '')
      this.#problemAt(offsets.get('name') ?? start, { code: 'file.nameEmpty', values: [] });
    const wish = this.#inOwnWords(said as Wish, offsets);
    return {
      wish,
      absent: absent === true,
      ...this.#readIntegrationUser(integrationUser, offsets),
      written,
      at: (field = 'name', item) => this.#place(offsetOfItem(wish, field, item, offsets) ?? start),
    };
  }

  #readIntegrationUser(said: unknown, offsets: Map<string, number>): Pick<AppInFile, 'integrationUser'> {
    if (said === undefined) return {};
    const integrationUser = said as IntegrationUser;
    const isNamed = integrationUser.username !== undefined || offsets.has('integrationUser.username');
    if (!isNamed)
      this.#problemAt(offsets.get('integrationUser') ?? 0, {
        code: 'file.keyMissing',
        values: ['username', 'integrationUser'],
      });
    return { integrationUser };
  }

  /** Flows and scopes in the app's own words. A scope that is unknown here may be one that the app has: that is judged later. */
  #inOwnWords(wish: Wish, offsets: Map<string, number>): Wish {
    const flows = wish.oauth?.flows?.flatMap((text, index) => {
      const flow = parseFlow(text);
      if (!isProblem(flow)) {
        this.#noteAs('oauth.flows', text, flow);
        return [flow];
      }
      this.#problemAt(offsets.get(`oauth.flows[${index}]`) ?? 0, flow);
      return [];
    });
    if (wish.oauth?.certificateFile === STANDARD_INPUT)
      this.#problemAt(offsets.get('oauth.certificateFile') ?? 0, { code: 'file.certificateFromInput', values: [] });
    const scopes = wish.scopes?.map((text) => {
      const scope = parseScope(text);
      if (isProblem(scope)) return text;
      this.#noteAs('scopes', text, scope);
      return scope;
    });
    return {
      ...wish,
      ...(flows && { oauth: { ...wish.oauth, flows } }),
      ...(scopes && { scopes }),
    };
  }

  /** Notes an app's own word for a text that may have come from a variable. */
  #noteAs(field: string, text: string, word: string): void {
    const written = this.#written.value(text, field);
    if (written !== text) this.#written.note(field, word, written);
  }

  /** Follows an alias to what it stands for. Undefined, with a problem, where that leads nowhere or round in circles. */
  #resolve(node: Node | null): Node | null | undefined {
    if (++this.#values === VALUES_MAX)
      this.#problem(node, { code: 'file.tooManyValues', values: [String(VALUES_MAX)] });
    if (this.#values >= VALUES_MAX) return undefined;
    if (!isAlias(node)) return node;
    const target = this.#targets.get(node);
    if (!target) return this.#problem(node, { code: 'file.aliasUnknown', values: [quotable(node.source)] });
    if (this.#around.has(target))
      return this.#problem(node, { code: 'file.aliasCircle', values: [quotable(node.source)] });
    return target;
  }

  #readGroup(
    written: Node | null,
    shape: Shape,
    path: string,
    offsets: Map<string, number>,
    needs: string[] = [],
  ): Found | undefined {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    if (!isMap(node)) {
      if (path === '') return this.#problem(node ?? written, { code: 'file.noApp', values: [] });
      return this.#problem(node ?? written, {
        code: isEmpty(node) ? 'file.groupEmpty' : 'file.noGroup',
        values: [plainPath(path)],
      });
    }
    this.#around.add(node);
    const found: Found = {};
    for (const { key, value } of node.items as Array<Pair<Node, Node | null>>) {
      const name = this.#keyName(key);
      const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (kind === undefined) {
        this.#problem(key, misplaced(name, plainPath(path), nearest(name, Object.keys(shape))));
        continue;
      }
      const field = path === '' ? name : `${path}.${name}`;
      offsets.set(field, isEmpty(value) ? (key.range?.[0] ?? 0) : (value?.range?.[0] ?? 0));
      const read = this.#readValue(value, key, kind, field, offsets);
      if (read !== undefined) found[name] = read;
    }
    this.#around.delete(node);
    const said = node.items.map(({ key }) => this.#keyName(key as Node));
    for (const need of needs.filter((one) => !said.includes(one))) {
      this.#problem(node, { code: 'file.keyMissing', values: [need, plainPath(path)] });
    }
    // What has been complained of is not for the checks of whole values.
    return needs.some((need) => found[need] === undefined) ? undefined : found;
  }

  #readValue(written: Node | null, key: Node, kind: Kind, field: string, offsets: Map<string, number>): unknown {
    if (isEmpty(written)) return this.#problem(key, { code: emptyCode(kind), values: [plainPath(field)] });
    if (kind === 'text' || kind === 'yesNo' || kind === 'number') return this.#readScalar(written, kind, field);
    if (kind === 'texts') return this.#readTexts(written, field, offsets);
    if ('group' in kind) return this.#readGroup(written, kind.group, field, offsets);
    return this.#readItems(written, field, (item, path) => this.#readGroup(item, kind.each, path, offsets, kind.needs));
  }

  #readTexts(written: Node | null, field: string, offsets: Map<string, number>): unknown[] | undefined {
    return this.#readItems(written, field, (item, path) => {
      offsets.set(path, item?.range?.[0] ?? 0);
      return isEmpty(item)
        ? this.#problem(item, { code: 'file.itemEmpty', values: [plainPath(field)] })
        : this.#readScalar(item, 'text', field);
    });
  }

  #readItems(
    written: Node | null,
    field: string,
    readItem: (item: Node | null, path: string) => unknown,
  ): unknown[] | undefined {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    if (!isSeq(node)) {
      const example = isScalar(node)
        ? quotable(String(node.value))
            .split(',')
            .map((part) => part.trim())
            .join(', ')
        : '...';
      return this.#problem(node, { code: 'file.noList', values: [plainPath(field), example] });
    }
    this.#around.add(node);
    const items = node.items
      .map((item, index) => readItem(item as Node | null, `${field}[${index}]`))
      .filter((item) => item !== undefined);
    this.#around.delete(node);
    return items;
  }

  #readScalar(written: Node | null, kind: 'text' | 'yesNo' | 'number', field: string): unknown {
    const node = this.#resolve(written);
    if (node === undefined) return undefined;
    const name = plainPath(field);
    if (!isScalar(node))
      return this.#problem(node, { code: `${NOT_A[kind]}.${isSeq(node) ? 'list' : 'group'}`, values: [name] });
    const { value, source = '' } = node;
    const filled = typeof value === 'string' ? this.#fillIn(value, node, name) : { text: source, used: false };
    if (filled === undefined) return undefined;
    if (kind === 'text') {
      // 00491234 is a number to YAML and a telephone number to people: as it was written, it is a text.
      if (typeof value === 'string' || typeof value === 'number') return filled.text;
      return this.#problem(node, { code: 'file.notText', values: [name, source] });
    }
    const plain = filled.used ? wordOf(filled.text) : value;
    if (filled.used) this.#written.note(name, plain, String(value));
    if (kind === 'yesNo') {
      return typeof plain === 'boolean'
        ? plain
        : this.#problem(node, { code: 'file.notYesNo', values: [name, quotable(source)] });
    }
    return typeof plain === 'number' && Number.isFinite(plain)
      ? plain
      : this.#problem(node, { code: 'file.notNumber', values: [name, quotable(source)] });
  }

  /** The text with its variables; undefined, with a problem for each that is missing or not allowed. */
  #fillIn(text: string, node: Node, field: string): { text: string; used: boolean } | undefined {
    const filled = fillIn(text, this.#environment);
    const [start, end] = node.range ?? [0, 0];
    let offset = start;
    for (const { reference, name } of filled.missing) {
      if (this.#problems.length === PROBLEMS_MAX) break;
      offset = this.#offsetOf(reference, offset, end);
      if (name === undefined) this.#problemAt(offset, { code: 'file.variableUnclear', values: [] });
      else
        this.#problemAt(offset, {
          code: this.#environment[name] ? 'file.variableTooLong' : 'file.variableMissing',
          values: [name],
        });
    }
    const secret = filled.used.filter(({ name }) => looksSecret(name) && !this.#allowed.includes(name));
    for (const { name } of secret) {
      this.#problemAt(this.#offsetOf(`\${${name}}`, start, end), { code: 'file.variableSecret', values: [name] });
    }
    if (filled.missing.length + secret.length > 0) return undefined;
    if (filled.used.length > 0) this.#written.note(field, filled.text, text);
    for (const { name, value } of filled.used) this.#written.noteText(value, `\${${name}}`);
    return { text: filled.text, used: filled.used.length > 0 };
  }

  /** Where a text stands within a node, or else the node. */
  #offsetOf(text: string, start: number, end: number): number {
    const at = this.#text.slice(start, end).indexOf(text);
    return at >= 0 ? start + at : start;
  }
}

const NOT_A = { text: 'file.notText', yesNo: 'file.notYesNo', number: 'file.notNumber' } as const;

const emptyCode = (kind: Kind) => {
  if (kind === 'text') return 'file.textEmpty';
  if (kind === 'texts' || (typeof kind === 'object' && 'each' in kind)) return 'file.listEmpty';
  return kind === 'yesNo' || kind === 'number' ? 'file.valueEmpty' : 'file.groupEmpty';
};

/** What a variable's text says where a yes or no, or a number, belongs. */
const wordOf = (text: string): unknown => {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : text;
};

const isEmpty = (node: Node | null | undefined): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null);

/** The path of a field without the numbers of list items. */
const plainPath = (path: string): string => path.replace(/\[\d+\]/g, '');
