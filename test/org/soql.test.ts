import { expect } from 'chai';
import { soql } from '../../src/org/soql.ts';

describe('soql', () => {
  it('quotes a value', () => {
    expect(soql`SELECT Id FROM User WHERE Username = ${'a@b.example'}`).to.equal(
      "SELECT Id FROM User WHERE Username = 'a@b.example'",
    );
  });

  it('escapes what would end or change the string', () => {
    expect(soql`WHERE Name = ${"x' OR Name != '"}`).to.equal("WHERE Name = 'x\\' OR Name != \\''");
    expect(soql`WHERE Name = ${'back\\slash'}`).to.equal("WHERE Name = 'back\\\\slash'");
    expect(soql`WHERE Name = ${'line\nbreak\ttab "quoted"'}`).to.equal(
      'WHERE Name = \'line\\nbreak\\ttab \\"quoted\\"\'',
    );
  });

  it('writes a list for IN', () => {
    expect(soql`WHERE Name IN ${['a', "b'c"]}`).to.equal("WHERE Name IN ('a', 'b\\'c')");
  });
});
