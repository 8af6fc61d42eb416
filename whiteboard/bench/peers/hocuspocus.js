// Hocuspocus as its documentation sets it up: defaults, and a database that keeps each document's state in SQLite.
import { DatabaseSync } from 'node:sqlite'
import { Database } from '@hocuspocus/extension-database'
import { Server } from '@hocuspocus/server'

const [port, file] = process.argv.slice(2)
const database = new DatabaseSync(file)
database.exec('create table if not exists documents (name text primary key, data blob not null)')
const read = database.prepare('select data from documents where name = ?')
const write = database.prepare('insert into documents (name, data) values (?, ?) on conflict (name) do update set data = excluded.data')

const server = new Server({
  address: '127.0.0.1',
  port: Number(port),
  quiet: true,
  extensions: [
    new Database({
      fetch: async ({ documentName }) => read.get(documentName)?.data ?? null,
      store: async ({ documentName, state }) => {
        write.run(documentName, state)
      },
    }),
  ],
})
await server.listen()
