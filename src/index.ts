export type { App, Wish } from './app/app.ts';
