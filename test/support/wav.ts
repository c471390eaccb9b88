/** A second of a tone that gets louder, as WAV. */
export const louderTone = (): Buffer => {
  const rate = 8000;
  const file = Buffer.alloc(44 + rate * 2);
  file.write('RIFF');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(rate * 2, 40);
  for (let at = 0; at < rate; at++) file.writeInt16LE(Math.round(32_000 * (at / rate) * Math.sin(at / 3)), 44 + at * 2);
  return file;
};
