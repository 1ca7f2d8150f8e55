import type { Wish } from '../app/app.ts';
import { fieldOf } from '../app/changes.ts';

/** Where one of a list's texts is said, or else the field. */
export const offsetOfItem = (
  wish: Wish,
  field: string,
  item: string | undefined,
  offsets: Map<string, number>,
): number | undefined => {
  const list = fieldOf(wish, field);
  const index = Array.isArray(list) ? list.indexOf(item) : -1;
  return offsets.get(`${field}[${index}]`) ?? offsetOf(field, offsets);
};

/** Where a field is said, or else the group that it belongs to. */
const offsetOf = (field: string, offsets: Map<string, number>): number | undefined => {
  for (let path = field; path !== ''; path = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '') {
    const offset = offsets.get(path);
    if (offset !== undefined) return offset;
  }
  return offsets.get('name');
};
