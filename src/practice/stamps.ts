import { type Component, type PracticeOrg, wholeSecond } from './org.ts';

/*
 * Who made and changed a component, and when.
 */

type New = Omit<Component, 'id' | 'createdById' | 'createdDate' | 'lastModifiedById' | 'lastModifiedDate'>;

/** A component that a user makes now. */
export const newComponent = (org: PracticeOrg, userId: string, made: New): Component => {
  const at = org.now();
  return {
    ...made,
    id: org.newId(made.type),
    createdById: userId,
    createdDate: at,
    lastModifiedById: userId,
    lastModifiedDate: at,
  };
};

/** The same in the columns of an sObject. */
export const stampsOf = (component: Component) => ({
  CreatedById: component.createdById,
  CreatedDate: wholeSecond(component.createdDate),
  LastModifiedById: component.lastModifiedById,
  LastModifiedDate: wholeSecond(component.lastModifiedDate),
});
