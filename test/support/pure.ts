// Runs before each file of the project `pure`: a test that opens a socket does not belong there.
import net from 'node:net';

net.Socket.prototype.connect = () => {
  throw new Error('a pure test opened a socket: name its file under WHOLE in test/vitest.config.ts');
};
