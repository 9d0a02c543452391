// SPDX-License-Identifier: MIT
// The two modes of the solc command that py-solc-x and Brownie call:
//   --version                 prints the compiler's full version
//   --standard-json [file]    compiles standard JSON from the file or from stdin
// Imports are read relative to the working directory.
'use strict';

const fs = require('fs');
const path = require('path');

const USAGE_EXIT_CODE = 2;
const STDIN = 0;

// Sources that came with the input. The compiler takes its input on a stack of a few
// megabytes, and asks for sources one by one on its heap.
const given = new Map();

function readImport(name) {
  if (given.has(name)) return { contents: given.get(name) };
  try {
    return { contents: fs.readFileSync(path.resolve(name), 'utf8') };
  } catch (error) {
    return { error: `cannot read ${name}: ${error.code || error.message}` };
  }
}

function printVersion() {
  const version = require('solc').version();
  process.stdout.write(
    `solc, the solidity compiler commandline interface\nVersion: ${version}\n`
  );
}

function compileStandardJson(file) {
  const input = JSON.parse(fs.readFileSync(file === undefined ? STDIN : file, 'utf8'));
  for (const [name, source] of Object.entries(input.sources)) {
    if (source.content === undefined) continue;
    given.set(name, source.content);
    input.sources[name] = { urls: [name] };
  }
  const output = require('solc').compile(JSON.stringify(input), { import: readImport });
  process.stdout.write(output);
}

function fileAfter(args, flag) {
  const next = args[args.indexOf(flag) + 1];
  return next === undefined || next.startsWith('-') ? undefined : next;
}

function main(args) {
  if (args.includes('--version')) {
    printVersion();
  } else if (args.includes('--standard-json')) {
    compileStandardJson(fileAfter(args, '--standard-json'));
  } else {
    process.stderr.write(
      `solc: got '${args.join(' ')}', expected --version or --standard-json\n`
    );
    process.exitCode = USAGE_EXIT_CODE;
  }
}

main(process.argv.slice(2));
