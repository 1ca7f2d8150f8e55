import { APP_TYPE, type Component, type PracticeOrg, qualifiedName } from '../org.ts';
import { endAccess } from './access.ts';
import { PERMISSION_SET, permissionSet, removePermissionSet } from './permissionSets.ts';
import { OAUTH_POLICIES } from './types.ts';

/**
 * The org as it would be after a deploy: changes are kept here until it is known whether they stay. Reads see the org
 * with the changes so far.
 */
export class Staging {
  readonly org: PracticeOrg;
  /** Keyed by type and name; nothing for one that was taken away. */
  readonly #changes = new Map<string, { type: string; name: string; component?: Component }>();
  /** Children by type and app, made once for each type: a deploy may bring thousands. */
  readonly #byApp = new Map<string, Map<string, Component>>();

  constructor(org: PracticeOrg) {
    this.org = org;
  }

  component(type: string, name: string): Component | undefined {
    const change = this.#changes.get(keyOf(type, this.org.ownName(name)));
    if (change) return change.component;
    return type === PERMISSION_SET ? permissionSet(this.org, name) : this.org.component(type, name);
  }

  app(name: unknown): Component | undefined {
    return this.component(APP_TYPE, String(name));
  }

  /** The component of a type that points to an app: there is one at most. */
  childOf(type: string, appName: unknown): Component | undefined {
    return this.#children(type).get(this.org.ownName(String(appName)).toLowerCase());
  }

  put(component: Component): void {
    const name = qualifiedName(component);
    this.#changes.set(keyOf(component.type, name), { type: component.type, name, component });
    const app = component.body.externalClientApplication;
    if (app !== undefined) this.#children(component.type).set(String(app).toLowerCase(), component);
  }

  remove(component: Component): void {
    const name = qualifiedName(component);
    this.#changes.set(keyOf(component.type, name), { type: component.type, name });
    const app = component.body.externalClientApplication;
    if (app !== undefined) this.#children(component.type).delete(String(app).toLowerCase());
  }

  /** Takes back what was put: the component is again what the org has. */
  restore(component: Component): void {
    const name = qualifiedName(component);
    this.remove(component);
    this.#changes.delete(keyOf(component.type, name));
    const before = this.org.component(component.type, name);
    const app = before?.body.externalClientApplication;
    if (before && app !== undefined) this.#children(component.type).set(String(app).toLowerCase(), before);
  }

  /** Writes the changes into the org, in the order in which they were made. */
  commit(): void {
    for (const { type, name, component } of this.#changes.values()) {
      if (component) this.org.putComponent(component);
      else if (type === PERMISSION_SET) removePermissionSet(this.org, name);
      else this.#removeFromOrg(type, name);
    }
  }

  #removeFromOrg(type: string, name: string): void {
    const component = this.org.component(type, name);
    if (component?.type === OAUTH_POLICIES) endAccess(this.org, component);
    this.org.removeComponent(type, name);
  }

  #children(type: string): Map<string, Component> {
    const known = this.#byApp.get(type);
    if (known) return known;
    const made = new Map(
      this.org.components(type).map((one) => [String(one.body.externalClientApplication).toLowerCase(), one]),
    );
    this.#byApp.set(type, made);
    return made;
  }
}

const keyOf = (type: string, name: string): string => `${type} ${name.toLowerCase()}`;
