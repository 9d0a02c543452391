// SPDX-License-Identifier: MIT
// Compiles Morpho Blue, which npm has as source alone, with the compiler and settings of
// its own repository, so that the bytecode is the published one:
//   morpho.js FOLDER          writes Morpho.json, IrmMock.json and OracleMock.json there
'use strict';

const fs = require('fs');
const path = require('path');
const solc = require('solc-0.8.19');

const SOURCE = path.dirname(require.resolve('@morpho-org/morpho-blue/src/Morpho.sol'));
// Morpho.sol is what make asks for, so its file is written last.
const FILES = ['mocks/IrmMock.sol', 'mocks/OracleMock.sol', 'Morpho.sol'];

function read(name) {
  return { contents: fs.readFileSync(path.join(SOURCE, name), 'utf8') };
}

const input = {
  language: 'Solidity',
  sources: Object.fromEntries(FILES.map((name) => [name, { content: read(name).contents }])),
  settings: {
    evmVersion: 'paris',
    viaIR: true,
    optimizer: { enabled: true, runs: 999999 },
    metadata: { bytecodeHash: 'none' },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode'] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));
const errors = (output.errors || []).filter((item) => item.severity === 'error');
if (errors.length > 0) throw new Error(errors[0].formattedMessage);

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
for (const file of FILES) {
  const name = path.basename(file, '.sol');
  const { abi, evm } = output.contracts[file][name];
  const artifact = {
    contractName: name,
    abi,
    bytecode: evm.bytecode,
    deployedBytecode: evm.deployedBytecode,
  };
  fs.writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(artifact));
}
