/**
 * The one door to the values of Salesforce's libraries. Types come straight from the packages (`import type`); values come
 * from here, so that where the libraries are loaded from can be changed in one place.
 */
export { Connection, Messages, Org, SfError, Logger, Lifecycle, StateAggregator, AuthInfo, Global } from '@salesforce/core';
export { SfCommand, Flags, StandardColors, prompts, toHelpSection } from '@salesforce/sf-plugins-core';
