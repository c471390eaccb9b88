import { describe, expect, it } from 'vitest';
import { labelsFor, mislabelled, nameFor, sniff } from '../../../../plugins/waha-api/files/kinds.ts';

const pdf = Buffer.from('%PDF-1.7\n%âãÏÓ');
const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex');
const mp4 = Buffer.from('00000020667479706d70343200000000', 'hex');
const unknown = Buffer.from('plain words');

describe('the first bytes of a file', () => {
  it.each([
    ['ffd8ffe0', 'image/jpeg'],
    ['52494646000000005745425056503820', 'image/webp'],
    ['00000020667479706d703432', 'video/mp4'],
    ['00', undefined],
  ])('%s are of %s', async (hex, mimetype) => {
    expect(await sniff(Buffer.from(hex, 'hex'))).toBe(mimetype);
  });

  it('say when a file cannot be what it is sent as', async () => {
    const says = (content: Uint8Array, wanted: 'image' | 'audio') => mislabelled({ content, head: content }, wanted);
    expect(await says(pdf, 'image')).toContain('application/pdf');
    expect(await says(mp4, 'image')).toContain('video/mp4');
    expect(await says(Buffer.from('\n<!DOCTYPE html>'), 'image')).toContain('text/html');
    expect(await says(Buffer.from('<svg xmlns="x"/>'), 'image')).toContain('image/svg+xml');
    expect([await says(mp4, 'audio'), await says(Buffer.from('?'), 'image')]).toEqual([null, null]);
  });
});

describe('name and type of a file', () => {
  it.each([
    ['what the client says, by its registered name', { content: pdf, mimetype: 'image/jpg' }, 'image/jpeg'],
    [
      'not octets, which say nothing',
      { content: unknown, mimetype: 'application/octet-stream', filename: 'a.csv' },
      'text/csv',
    ],
    ['what the server says', { content: pdf, served: { type: 'text/csv; charset=utf-8' } }, 'text/csv'],
    [
      'not octets of a server',
      { content: unknown, served: { type: 'binary/octet-stream', name: 'contract.pdf' } },
      'application/pdf',
    ],
    [
      'a type in capitals with a name in it',
      { content: unknown, mimetype: 'Application/PDF; name="a.pdf"' },
      'application/pdf',
    ],
    ['a type with its codec', { content: unknown, mimetype: 'audio/webm;codecs=opus' }, 'audio/webm; codecs=opus'],
    ['what the name says', { content: unknown, filename: 'contract.pdf' }, 'application/pdf'],
    [
      'what the name says that the server gives',
      { content: unknown, served: { disposition: 'attachment; filename="a.docx"' } },
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['what the bytes give away', { content: jpeg, filename: 'picture' }, 'image/jpeg'],
    ['nothing when nobody says', { content: unknown }, undefined],
  ])('are %s', async (_, facts, mimetype) => {
    expect((await labelsFor(facts)).mimetype).toBe(mimetype);
  });

  it.each([
    [{ filename: 'mine.pdf', served: { disposition: 'attachment; filename=theirs.pdf', name: 'url.pdf' } }, 'mine.pdf'],
    [{ served: { disposition: "attachment; filename*=UTF-8''gr%C3%BCn.pdf", name: 'url.pdf' } }, 'grün.pdf'],
    [{ served: { disposition: 'attachment; filename="../../etc/x.pdf"' } }, 'x.pdf'],
    [{ served: { disposition: ';;;', name: 'url.pdf' } }, 'url.pdf'],
    [{ filename: '../../etc/mine.pdf' }, 'mine.pdf'],
    [{ filename: 'C:\\Users\\me\\mine.pdf' }, 'mine.pdf'],
    [{ filename: 'folder/', served: { name: 'url.pdf' } }, 'url.pdf'],
    [{}, undefined],
  ])('%j is called %s', async (facts, filename) => {
    expect((await labelsFor({ content: unknown, ...facts })).filename).toBe(filename);
  });

  it('of a document without a name ends in what it is', () => {
    expect([nameFor('application/pdf'), nameFor('image/jpeg'), nameFor('application/octet-stream')]).toEqual([
      'file.pdf',
      'file.jpg',
      'file',
    ]);
  });
});
